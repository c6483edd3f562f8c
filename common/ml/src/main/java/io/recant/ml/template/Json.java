package io.recant.ml.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values as Python's {@code json.dumps(ensure_ascii=False)} writes them. */
final class Json {

  private static final int DEEPEST = 64;

  private Json() {}

  /**
   * @param indent blanks a level, or a negative number for one line
   */
  static String of(Object value, int indent) {
    return of(value, indent, 1);
  }

  private static String of(Object value, int indent, int depth) {
    if (depth > DEEPEST) {
      throw new TemplateException("tojson goes more than " + DEEPEST + " deep");
    }
    if (value == null || value instanceof Boolean || value instanceof Long) {
      return String.valueOf(value);
    }
    if (value instanceof String text) {
      return quoted(text);
    }
    List<String> parts = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(item -> parts.add(of(item, indent, depth + 1)));
      return enclosed("[", parts, "]", indent, depth);
    }
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, item) ->
              parts.add(quoted(Values.string(key)) + ": " + of(item, indent, depth + 1)));
      return enclosed("{", parts, "}", indent, depth);
    }
    throw new TemplateException("tojson of " + Values.kind(value) + " is not supported");
  }

  private static String enclosed(
      String open, List<String> parts, String close, int indent, int depth) {
    if (parts.isEmpty() || indent < 0) {
      return open + Values.joined(parts, ", ") + close;
    }
    Values.checkLength((long) indent * depth * parts.size());
    String outer = "\n" + " ".repeat(indent * (depth - 1));
    String inner = "\n" + " ".repeat(indent * depth);
    return open + inner + Values.joined(parts, "," + inner) + outer + close;
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\b' -> quoted.append("\\b");
        case '\f' -> quoted.append("\\f");
        default -> quoted.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    return quoted.append('"').toString();
  }
}
