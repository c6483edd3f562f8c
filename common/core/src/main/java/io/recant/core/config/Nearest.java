package io.recant.core.config;

import info.debatty.java.stringsimilarity.Damerau;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The nearest valid word to a misspelt one. */
public final class Nearest {

  private Nearest() {}

  /**
   * The candidate with the smallest edit distance, if it is at most half the word's length away.
   */
  public static Optional<String> of(String word, Collection<String> candidates) {
    Damerau distance = new Damerau();
    return candidates.stream()
        .min(
            Comparator.comparingDouble((String c) -> distance.distance(word, c))
                .thenComparing(c -> c))
        .filter(c -> distance.distance(word, c) <= Math.max(2, word.length() / 2.0));
  }

  /** The end of a message about an unknown word: the nearest valid one, then all of them. */
  public static String suggestion(String word, Collection<String> candidates) {
    if (candidates.isEmpty()) {
      return "; nothing is allowed here";
    }
    String near = of(word, candidates).map(c -> "; did you mean '" + c + "'?").orElse(";");
    return near + " (valid: " + String.join(", ", candidates) + ")";
  }
}
