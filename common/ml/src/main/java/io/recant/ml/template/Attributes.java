package io.recant.ml.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What stands behind a dot or in brackets. Methods that Python has and that are missing here are
 * refused; other names are undefined, as in Jinja.
 */
final class Attributes {

  private static final Set<String> OF_TEXTS =
      names(
          "capitalize casefold center count encode endswith expandtabs find format format_map index"
              + " isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric"
              + " isprintable isspace istitle isupper join ljust lower lstrip maketrans partition"
              + " removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip"
              + " split splitlines startswith strip swapcase title translate upper zfill");
  private static final Set<String> OF_LISTS =
      names("append clear copy count extend index insert pop remove reverse sort");
  private static final Set<String> OF_MAPPINGS =
      names("clear copy fromkeys get items keys pop popitem setdefault update values");

  private Attributes() {}

  private static Set<String> names(String all) {
    return Set.of(all.split(" "));
  }

  /** {@code value.name}: a method before an entry. */
  static Object dot(Object value, String name) {
    Object method = method(value, name);
    if (method != null) {
      return method;
    }
    Map<?, ?> entries =
        value instanceof Namespace space
            ? space.values()
            : value instanceof Map<?, ?> map ? map : Map.of();
    return entries.containsKey(name) ? entries.get(name) : new Undefined(name);
  }

  /** {@code value[key]}: an entry before a method. */
  static Object item(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (key instanceof Long number && (value instanceof List || value instanceof String)) {
      List<Object> items = Values.items(value);
      long at = number < 0 ? number + items.size() : number;
      boolean exists = 0 <= at && at < items.size();
      return exists ? items.get((int) at) : new Undefined(Values.kind(value) + "[" + number + "]");
    }
    if (value instanceof Map<?, ?> map && (key instanceof String || key instanceof Long)) {
      if (map.containsKey(key)) {
        return map.get(key);
      }
    }
    if (key instanceof String name) {
      return dot(value, name);
    }
    if (value instanceof Map && key instanceof Long) {
      return new Undefined(key.toString());
    }
    throw new TemplateException(Values.kind(value) + "[" + Values.kind(key) + "] is not supported");
  }

  /** {@code value[from:to:step]}, each null where it is left out. */
  static Object slice(Object value, Long from, Long to, Long step) {
    if (!(value instanceof String || value instanceof List)) {
      throw new TemplateException("a part of " + Values.kind(value) + " is not supported");
    }
    List<Object> items = Values.items(value);
    long size = items.size();
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw new TemplateException("a part of a list with step 0");
    }
    long low = by > 0 ? 0 : -1;
    long high = by > 0 ? size : size - 1;
    long begin = from == null ? (by > 0 ? low : high) : bounded(from, size, low, high);
    long end = to == null ? (by > 0 ? high : low) : bounded(to, size, low, high);
    List<Object> part = new ArrayList<>();
    for (long i = begin; by > 0 ? i < end : i > end; i += by) {
      part.add(items.get((int) i));
    }
    return value instanceof String
        ? Values.joined(part.stream().map(Values::string).toList(), "")
        : part;
  }

  private static long bounded(long index, long size, long low, long high) {
    return Math.max(low, Math.min(high, index < 0 ? index + size : index));
  }

  private static Object method(Object value, String name) {
    if (name.startsWith("_")) {
      throw new TemplateException("the attribute " + name + " is not supported");
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (value instanceof String text && OF_TEXTS.contains(name)) {
      return (Callable)
          (arguments, named) -> ofText(text, name, new Arguments(name, arguments, named));
    }
    if (value instanceof List && OF_LISTS.contains(name)) {
      throw new TemplateException("the method " + name + " of lists is not supported");
    }
    if (value instanceof Map<?, ?> map && OF_MAPPINGS.contains(name)) {
      return (Callable)
          (arguments, named) -> ofMap(map, name, new Arguments(name, arguments, named));
    }
    if (value instanceof Number || value instanceof Boolean || value instanceof Callable) {
      throw new TemplateException("attributes of " + Values.kind(value) + " are not supported");
    }
    return null;
  }

  private static Object ofText(String text, String name, Arguments given) {
    switch (name) {
      case "strip", "lstrip", "rstrip" -> {
        given.atMost(1);
        Object characters = given.at(0, null);
        return PythonText.strip(
            text,
            characters == null ? null : Values.string(characters),
            !name.equals("rstrip"),
            !name.equals("lstrip"));
      }
      case "startswith", "endswith" -> {
        given.exactly(1);
        String part = Values.string(given.at(0, null));
        return name.equals("endswith") ? text.endsWith(part) : text.startsWith(part);
      }
      case "split" -> {
        given.atMost(2);
        long most = Values.wholeNumber(given.at(1, -1L));
        return PythonText.split(text, Values.string(given.at(0, null)), most);
      }
      case "replace" -> {
        given.exactly(2);
        return Filters.replace(text, given.at(0, null), given.at(1, null));
      }
      case "upper", "lower" -> {
        given.exactly(0);
        return name.equals("upper") ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
      }
      case "join" -> {
        given.exactly(1);
        List<Object> parts = Values.items(given.at(0, null));
        return Values.joined(parts.stream().map(Values::string).toList(), text);
      }
      case "find" -> {
        given.exactly(1);
        int at = text.indexOf(Values.string(given.at(0, null)));
        return at < 0 ? -1L : (long) text.codePointCount(0, at);
      }
      default -> throw new TemplateException("the method " + name + " of texts is not supported");
    }
  }

  private static Object ofMap(Map<?, ?> map, String name, Arguments given) {
    switch (name) {
      case "items" -> {
        given.exactly(0);
        return entries(map);
      }
      case "keys" -> {
        given.exactly(0);
        return new ArrayList<Object>(map.keySet());
      }
      case "values" -> {
        given.exactly(0);
        return new ArrayList<Object>(map.values());
      }
      case "get" -> {
        given.atMost(2);
        Object key = Values.string(given.at(0, null));
        return map.containsKey(key) ? map.get(key) : given.at(1, null);
      }
      default ->
          throw new TemplateException("the method " + name + " of mappings is not supported");
    }
  }

  static List<Object> entries(Map<?, ?> map) {
    List<Object> entries = new ArrayList<>();
    map.forEach((key, entry) -> entries.add(Arrays.asList(key, entry)));
    return entries;
  }
}
