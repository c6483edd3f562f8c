package io.recant.core.text;

import info.debatty.java.stringsimilarity.LongestCommonSubsequence;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import opennlp.tools.stemmer.PorterStemmer;

/**
 * How much of one text stands in another, word by word in order (Lin, ROUGE, 2004): with LCS the
 * length of their longest common subsequence of words, {@code recall = LCS / words expected},
 * {@code precision = LCS / words said}. Words are runs of a-z and 0-9 after lower-casing; those
 * longer than three letters are reduced to their stems (Porter 1980), as the usual scorer does.
 *
 * @param precision in [0, 1]; 0 where nothing was said
 * @param recall in [0, 1]; 0 where nothing was expected
 */
public record RougeL(double precision, double recall) {

  private static final Pattern BETWEEN_WORDS = Pattern.compile("[^a-z0-9]+");
  private static final int SHORT = 3;

  /** Two texts. */
  public static RougeL of(String expected, String said) {
    List<String> wanted = words(expected);
    List<String> given = words(said);
    if (wanted.isEmpty() || given.isEmpty()) {
      return new RougeL(0, 0);
    }
    Map<String, Character> letters = new HashMap<>();
    int common = new LongestCommonSubsequence().length(text(wanted, letters), text(given, letters));
    return new RougeL((double) common / given.size(), (double) common / wanted.size());
  }

  /** The harmonic mean of precision and recall; 0 where both are. */
  public double f1() {
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  }

  private static List<String> words(String text) {
    PorterStemmer stemmer = new PorterStemmer();
    return Stream.of(BETWEEN_WORDS.split(text.toLowerCase(Locale.ROOT)))
        .filter(word -> !word.isEmpty())
        .map(word -> word.length() > SHORT ? stemmer.stem(word) : word)
        .toList();
  }

  /** One letter a word, the same for equal words: the library's subsequences are of letters. */
  private static String text(List<String> words, Map<String, Character> letters) {
    StringBuilder text = new StringBuilder(words.size());
    for (String word : words) {
      text.append((char) letters.computeIfAbsent(word, w -> (char) letters.size()));
    }
    return text.toString();
  }
}
