package io.recant.ml.data;

import io.recant.core.error.InputException;
import java.util.Comparator;
import java.util.List;

/**
 * A part of a text, {@code [from, to)}, counted in Unicode code points as Spark, DuckDB and Python
 * count characters.
 *
 * @param from the first character
 * @param to the character after the last
 */
public record Span(int from, int to) {

  /**
   * Whether it shares a character with {@code [begin, end)}; nothing overlaps with an empty one.
   */
  public boolean overlaps(int begin, int end) {
    return Math.max(from, begin) < Math.min(to, end);
  }

  /**
   * The same spans in the order of the text.
   *
   * @param text what they are parts of
   * @throws InputException when one is empty, reversed or outside the text, or two overlap; the
   *     message says which
   */
  public static List<Span> checked(List<Span> spans, String text) {
    int length = text.codePointCount(0, text.length());
    List<Span> ordered =
        spans.stream().sorted(Comparator.comparingInt(Span::from).thenComparing(Span::to)).toList();
    int reached = 0;
    for (Span span : ordered) {
      if (span.from >= span.to) {
        throw new InputException("span " + span.shown() + " holds no character");
      }
      if (span.from < 0 || span.to > length) {
        throw new InputException(
            "span " + span.shown() + " is outside its text of " + length + " characters");
      }
      if (span.from < reached) {
        throw new InputException("span " + span.shown() + " overlaps with the one before it");
      }
      reached = span.to;
    }
    return ordered;
  }

  private String shown() {
    return "[" + from + ", " + to + ")";
  }
}
