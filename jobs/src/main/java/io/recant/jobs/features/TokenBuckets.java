package io.recant.jobs.features;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The words of a text, each hashed into one of a fixed number of buckets: a vocabulary that needs
 * no counting pass.
 */
final class TokenBuckets {

  /** Few enough for a small head, many enough that the words of a short text seldom meet. */
  static final int BUCKETS = 1024;

  private TokenBuckets() {}

  /**
   * One bucket a word, in the order of the text; letters and digits make words, case does not
   * count.
   */
  static List<Integer> of(String text) {
    List<Integer> buckets = new ArrayList<>();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
      if (!word.isEmpty()) {
        buckets.add(Math.floorMod(word.hashCode() * 0x9E3779B9, BUCKETS));
      }
    }
    return buckets;
  }
}
