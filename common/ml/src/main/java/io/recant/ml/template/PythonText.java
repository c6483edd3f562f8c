package io.recant.ml.template;

import java.util.ArrayList;
import java.util.List;

/** Texts as Python sees them: sequences of code points, with its idea of blank space. */
final class PythonText {

  private PythonText() {}

  static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == 0x85;
  }

  /**
   * Without what stands at its ends.
   *
   * @param characters what is taken; blank space where null
   */
  static String strip(String text, String characters, boolean left, boolean right) {
    int[] points = text.codePoints().toArray();
    int from = 0;
    int to = points.length;
    while (left && from < to && isIn(points[from], characters)) {
      from++;
    }
    while (right && from < to && isIn(points[to - 1], characters)) {
      to--;
    }
    return new String(points, from, to - from);
  }

  private static boolean isIn(int point, String characters) {
    return characters == null ? isSpace(point) : characters.indexOf(point) >= 0;
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Its characters, each a text. */
  static List<Object> characters(String text) {
    return new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
  }

  /** The parts between a separator. */
  static List<Object> split(String text, String separator, long most) {
    if (separator.isEmpty()) {
      throw new TemplateException("split('') has no separator");
    }
    List<Object> parts = new ArrayList<>();
    int from = 0;
    int next = text.indexOf(separator);
    while (next >= 0 && (most < 0 || parts.size() < most)) {
      parts.add(text.substring(from, next));
      from = next + separator.length();
      next = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** What the text between two quotes stands for. */
  static String unescape(String quoted) {
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < quoted.length()) {
      char c = quoted.charAt(i++);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escaped = quoted.charAt(i++);
      switch (escaped) {
        case '\n' -> {}
        case '\\', '\'', '"' -> text.append(escaped);
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'x', 'u', 'U' -> {
          int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8;
          text.appendCodePoint(point(quoted, i, digits));
          i += digits;
        }
        case '0', '1', '2', '3', '4', '5', '6', '7', 'N', 'a', 'v' ->
            throw new TemplateException("the escape \\" + escaped + " is not supported");
        default -> text.append('\\').append(escaped);
      }
    }
    return text.toString();
  }

  private static int point(String quoted, int from, int digits) {
    try {
      int point = Integer.parseInt(quoted.substring(from, from + digits), 16);
      if (Character.isValidCodePoint(point)) {
        return point;
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      // Said below.
    }
    throw new TemplateException("an escape in '" + quoted + "' is none");
  }
}
