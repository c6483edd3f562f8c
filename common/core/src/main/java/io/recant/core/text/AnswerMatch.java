package io.recant.core.text;

import java.util.Locale;
import java.util.regex.Pattern;

/** Whether a short answer is right to the word. */
public final class AnswerMatch {

  private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b");
  private static final Pattern NO_WORDS = Pattern.compile("[^\\p{L}\\p{N}\\p{M}]+");

  private AnswerMatch() {}

  /**
   * Whether two answers are the same but for case, punctuation, articles and white space, as
   * questions of SQuAD are judged (Rajpurkar et al., EMNLP 2016). Punctuation parts words here,
   * because tokenizers put spaces around it. An answer of nothing but those matches no other.
   */
  public static boolean of(String expected, String said) {
    String normal = normalised(expected);
    return !normal.isEmpty() && normal.equals(normalised(said));
  }

  private static String normalised(String answer) {
    String words = NO_WORDS.matcher(answer.toLowerCase(Locale.ROOT)).replaceAll(" ");
    return ARTICLES.matcher(words).replaceAll(" ").replaceAll(" +", " ").strip();
  }
}
