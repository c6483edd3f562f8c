package io.recant.jobs.detect;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts without what two people would write differently and mean the same by. */
final class NormalText {

  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}]+");
  private static final Pattern NUMBER = Pattern.compile("\\p{Nd}+");
  private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{N}\\p{M}]+|[^\\s\\p{Z}]");

  private NormalText() {}

  /** Compatibility forms made plain (NFKC), lower case, one space where there was white space. */
  static String of(String text) {
    return SPACE
        .matcher(Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT))
        .replaceAll(" ")
        .strip();
  }

  /** The runs of digits of a text, in order. */
  static List<String> numbers(String text) {
    List<String> numbers = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      numbers.add(matcher.group());
    }
    return numbers;
  }

  /** Words and single marks of a text, in normal form. */
  static List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(of(text));
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
    return tokens;
  }

  /**
   * Where a name first stands in a text, as {@code {start, end}} in characters, case and white
   * space aside; null where it does not, or only in another form.
   */
  static int[] place(String name, String text) {
    String words =
        String.join(
            "\\s+",
            Arrays.stream(SPACE.split(name.strip())).map(Pattern::quote).toArray(String[]::new));
    Matcher matcher =
        Pattern.compile(
                "(?<![\\p{L}\\p{N}])" + words + "(?![\\p{L}\\p{N}])",
                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
            .matcher(text);
    return matcher.find() ? new int[] {matcher.start(), matcher.end()} : null;
  }
}
