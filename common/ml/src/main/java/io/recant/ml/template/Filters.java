package io.recant.ml.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** {@code value | filter}. */
final class Filters {

  private Filters() {}

  static Object apply(String name, Object value, Arguments given) {
    return switch (name) {
      case "trim" -> {
        given.named("chars");
        Object characters = given.at(0, "chars", null);
        yield PythonText.strip(
            Values.text(value), characters == null ? null : Values.string(characters), true, true);
      }
      case "length", "count" -> {
        given.exactly(0);
        yield Values.length(value);
      }
      case "upper", "lower" -> {
        given.exactly(0);
        String text = Values.text(value);
        yield name.equals("upper") ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
      }
      case "string" -> {
        given.exactly(0);
        yield Values.text(value);
      }
      case "default", "d" -> {
        given.named("default_value", "boolean");
        boolean missing =
            value instanceof Undefined
                || (Values.isTrue(given.at(1, "boolean", false)) && !Values.isTrue(value));
        yield missing ? given.at(0, "default_value", "") : value;
      }
      case "replace" -> {
        given.exactly(2);
        yield replace(Values.text(value), given.at(0, null), given.at(1, null));
      }
      case "tojson" -> {
        given.named("indent");
        Object indent = given.at(0, "indent", null);
        yield Json.of(value, indent == null ? -1 : Math.toIntExact(Values.wholeNumber(indent)));
      }
      default -> ofItems(name, value, given);
    };
  }

  private static Object ofItems(String name, Object value, Arguments given) {
    return switch (name) {
      case "list" -> {
        given.exactly(0);
        yield Values.items(value);
      }
      case "items" -> {
        given.exactly(0);
        if (value instanceof Map<?, ?> map) {
          yield Attributes.entries(map);
        }
        if (value instanceof Undefined) {
          yield List.of();
        }
        throw new TemplateException(Values.kind(value) + " has no items");
      }
      case "first", "last" -> {
        given.exactly(0);
        List<Object> items = Values.items(value);
        int at = name.equals("first") ? 0 : items.size() - 1;
        yield items.isEmpty() ? new Undefined("the " + name + " of nothing") : items.get(at);
      }
      case "reverse" -> {
        given.exactly(0);
        List<Object> items = Values.items(value);
        Collections.reverse(items);
        yield value instanceof String ? Values.joined(strings(items), "") : items;
      }
      case "join" -> {
        given.named("d", "attribute");
        Object attribute = given.at(1, "attribute", null);
        List<Object> items = Values.items(value);
        List<Object> parts = attribute == null ? items : attributes(items, attribute);
        yield Values.joined(strings(parts), Values.string(given.at(0, "d", "")));
      }
      case "map" -> map(value, given);
      case "select", "reject" -> {
        Predicate<Object> test = test(given, 0);
        yield where(value, name.equals("select") ? test : test.negate());
      }
      case "selectattr", "rejectattr" -> {
        String attribute = plain(given.at(0, null));
        Predicate<Object> test = test(given, 1);
        Predicate<Object> has = item -> test.test(Attributes.item(item, attribute));
        yield where(value, name.equals("selectattr") ? has : has.negate());
      }
      default -> throw new TemplateException("the filter " + name + " is not supported");
    };
  }

  private static Object map(Object value, Arguments given) {
    if (given.values().isEmpty()) {
      given.named("attribute");
      return attributes(Values.items(value), given.at(0, "attribute", null));
    }
    String filter = Values.string(given.at(0, null));
    Arguments rest = from(given, filter, 1);
    return Values.items(value).stream()
        .map(item -> apply(filter, item, rest))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static List<Object> attributes(List<Object> items, Object attribute) {
    String name = plain(attribute);
    return items.stream()
        .map(item -> Attributes.item(item, name))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Jinja would look into nested attributes where a name has dots. */
  private static String plain(Object attribute) {
    String name = Values.string(attribute);
    if (name.contains(".") || name.chars().allMatch(Character::isDigit)) {
      throw new TemplateException("the attribute '" + name + "' in a filter is not supported");
    }
    return name;
  }

  private static List<Object> where(Object value, Predicate<Object> test) {
    return Values.items(value).stream()
        .filter(test)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static Predicate<Object> test(Arguments given, int at) {
    if (given.values().size() <= at) {
      given.atMost(at);
      return Values::isTrue;
    }
    String name = Values.string(given.at(at, null));
    Arguments rest = from(given, name, at + 1);
    return item -> Tests.holds(name, item, rest);
  }

  private static Arguments from(Arguments given, String function, int at) {
    return new Arguments(
        function, given.values().subList(at, given.values().size()), given.named());
  }

  private static List<String> strings(List<Object> values) {
    return values.stream().map(Values::text).toList();
  }

  static String replace(String text, Object old, Object replacement) {
    String by = Values.string(replacement);
    Values.checkLength((text.length() + 1L) * Math.max(1, by.length()));
    if (Values.string(old).isEmpty()) {
      throw new TemplateException("replacing '' is not supported");
    }
    return text.replace(Values.string(old), by);
  }
}
