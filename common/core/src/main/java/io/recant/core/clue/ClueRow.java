package io.recant.core.clue;

import java.util.Set;

/**
 * A sample as the search for more of the known bad ones sees it.
 *
 * @param known whether somebody knows it to be bad
 * @param fold from 0: a model is asked only about rows of the fold it did not learn
 * @param given index of the given class; -1 where it has none
 * @param p out-of-sample probabilities of the classes; empty where there are none
 * @param vector of the input; empty where there is none
 * @param words what stands in its text, each once
 */
public record ClueRow(
    boolean known, int fold, int given, float[] p, float[] vector, Set<String> words) {

  /** Probabilities are not let below this: that a model excludes a class says no more. */
  private static final double LEAST = 1e-6;

  /** Whether the given class can be held against probabilities. */
  public boolean isPredicted() {
    return given >= 0 && given < p.length && p.length > 1;
  }

  /** The likeliest class but for the given one; -1 where nothing is predicted. */
  public int rival() {
    if (!isPredicted()) {
      return -1;
    }
    int best = -1;
    for (int k = 0; k < p.length; k++) {
      if (k != given && (best < 0 || p[k] > p[best])) {
        best = k;
      }
    }
    return best;
  }

  /** The same row, good, as it would stand there given another class. */
  ClueRow corrected(int right) {
    return new ClueRow(false, fold, right, p, vector, words);
  }

  /** log p of a class. */
  double logP(int k) {
    return Math.log(Math.max(LEAST, p[k]));
  }
}
