package io.recant.ml.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The variables that a part of a template sees; what it sets is its own. */
final class Scope {

  /** Known to Jinja everywhere, so they are not undefined; but none of them is supported. */
  private static final Set<String> UNSUPPORTED =
      Set.of("dict", "lipsum", "cycler", "joiner", "caller", "varargs", "kwargs", "self");

  private final Scope outer;
  private final Map<String, Object> values;
  private final Output output;

  Scope(Map<String, Object> values, Output output) {
    this(null, new HashMap<>(values), output);
  }

  private Scope(Scope outer, Map<String, Object> values, Output output) {
    this.outer = outer;
    this.values = values;
    this.output = output;
  }

  Scope inner() {
    return new Scope(this, new HashMap<>(), output);
  }

  /** One whose output is a value of its own. */
  Scope capturing() {
    return new Scope(this, new HashMap<>(), output.apart());
  }

  Output output() {
    return output;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.values.containsKey(name)) {
        return scope.values.get(name);
      }
    }
    if (UNSUPPORTED.contains(name)) {
      throw new TemplateException("'" + name + "' is not supported");
    }
    return new Undefined(name);
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
