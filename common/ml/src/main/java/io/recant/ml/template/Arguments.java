package io.recant.ml.template;

import java.util.List;
import java.util.Map;

/**
 * What a function, filter or test is called with.
 *
 * @param function its name, for messages
 */
record Arguments(String function, List<Object> values, Map<String, Object> named) {

  void exactly(int count) {
    if (values.size() != count) {
      throw unexpected();
    }
    atMost(count);
  }

  /** By position only, and no more than so many. */
  void atMost(int count) {
    if (values.size() > count || !named.isEmpty()) {
      throw unexpected();
    }
  }

  /** By position or by these names, each once. */
  void named(String... names) {
    List<String> known = List.of(names);
    if (values.size() > names.length || !known.containsAll(named.keySet())) {
      throw unexpected();
    }
  }

  Object at(int index, Object otherwise) {
    return index < values.size() ? values.get(index) : otherwise;
  }

  Object at(int index, String name, Object otherwise) {
    return named.containsKey(name) ? named.get(name) : at(index, otherwise);
  }

  TemplateException unexpected() {
    return new TemplateException(
        function
            + " is not supported with "
            + values.size()
            + " values and the names "
            + named.keySet());
  }
}
