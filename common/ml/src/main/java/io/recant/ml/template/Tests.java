package io.recant.ml.template;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code value is test}. */
final class Tests {

  /** Those that compare with something. */
  static final Set<String> OF_TWO = Set.of("equalto", "eq", "ne", "in", "divisibleby");

  private Tests() {}

  static boolean holds(String name, Object value, Arguments given) {
    given.exactly(OF_TWO.contains(name) || name.equals("==") || name.equals("!=") ? 1 : 0);
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "iterable" ->
          value instanceof String
              || value instanceof List
              || value instanceof Map
              || value instanceof Undefined;
      case "sequence" -> {
        if (value instanceof Undefined undefined) {
          throw undefined.used();
        }
        yield value instanceof String || value instanceof List || value instanceof Map;
      }
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "number" -> value instanceof Long || value instanceof Double || value instanceof Boolean;
      case "integer" -> value instanceof Long;
      case "callable" -> value instanceof Callable;
      case "odd" -> Math.floorMod(Values.wholeNumber(value), 2L) == 1;
      case "even" -> Math.floorMod(Values.wholeNumber(value), 2L) == 0;
      case "divisibleby" ->
          Values.compute("%", Values.wholeNumber(value), given.at(0, null)).equals(0L);
      case "equalto", "eq", "==" -> Values.areEqual(value, given.at(0, null));
      case "ne", "!=" -> !Values.areEqual(value, given.at(0, null));
      case "in" -> Values.compare("in", value, given.at(0, null));
      default -> throw new TemplateException("the test " + name + " is not supported");
    };
  }
}
