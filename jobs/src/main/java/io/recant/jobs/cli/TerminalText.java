package io.recant.jobs.cli;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Text of anyone's for a terminal, which obeys some characters. */
final class TerminalText {

  /**
   * Control characters of both sets, what turns the direction of writing, other line ends, and
   * halves of surrogate pairs.
   */
  private static final Pattern OBEYED =
      Pattern.compile(
          "[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]");

  private TerminalText() {}

  /** The text in one line, a blank for each such character. */
  static String line(String text) {
    return OBEYED.matcher(text).replaceAll(" ");
  }

  /** The text with its lines. */
  static String lines(String text) {
    return text.lines().map(TerminalText::line).collect(Collectors.joining("\n"));
  }
}
