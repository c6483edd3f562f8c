package io.recant.core.crowd;

import io.recant.core.label.ExactSums;
import java.io.Serializable;

/**
 * How far annotators agree beyond chance, from counts that merge. Samples of fewer than two answers
 * say nothing about agreement and are left out. 1 is full agreement, 0 what chance gives.
 */
public final class Agreement implements Serializable {

  private static final int PAIRS = 0;
  private static final int DISAGREEMENT = 1;

  private final long[] answers;
  private final ExactSums sums = new ExactSums(2);
  private long samples;

  /** Nothing seen. */
  public Agreement(int classes) {
    answers = new long[classes];
  }

  /** Takes a block in. */
  public Agreement add(Answers block) {
    for (int s = 0; s < block.samples(); s++) {
      add(block.votes(s, Answers.ALL));
    }
    return this;
  }

  /** Takes the answers to one sample in. */
  Agreement add(int[] votes) {
    long all = 0;
    long squares = 0;
    for (int vote : votes) {
      all += vote;
      squares += (long) vote * vote;
    }
    if (all >= 2) {
      samples++;
      sums.add(PAIRS, (double) (squares - all) / (all * (all - 1)));
      sums.add(DISAGREEMENT, (double) (all * all - squares) / (all - 1));
      for (int k = 0; k < votes.length; k++) {
        answers[k] += votes[k];
      }
    }
    return this;
  }

  /** Takes another's samples in. */
  public Agreement merge(Agreement other) {
    samples += other.samples;
    sums.merge(other.sums);
    for (int k = 0; k < answers.length; k++) {
      answers[k] += other.answers[k];
    }
    return this;
  }

  /** How many samples have two answers or more. */
  public long samples() {
    return samples;
  }

  /**
   * Fleiss' kappa (1971), each sample by its own number of answers: (P - Pe) / (1 - Pe), P the mean
   * share of agreeing pairs, Pe the sum of squared class shares. NaN where all answers are one
   * class, or no sample has two.
   */
  public double fleissKappa() {
    double all = total();
    double chance = 0;
    for (long count : answers) {
      chance += count / all * (count / all);
    }
    return (sums.get(PAIRS) / samples - chance) / (1 - chance);
  }

  /**
   * Krippendorff's alpha for nominal answers: 1 - (n - 1) D / (n^2 - sum_k n_k^2), D the sum over
   * samples of disagreeing ordered pairs divided by answers less one. NaN as {@link #fleissKappa}.
   */
  public double krippendorffAlpha() {
    double all = total();
    double squares = 0;
    for (long count : answers) {
      squares += (double) count * count;
    }
    double expected = all * all - squares;
    return expected == 0 ? Double.NaN : 1 - (all - 1) * sums.get(DISAGREEMENT) / expected;
  }

  private double total() {
    double all = 0;
    for (long count : answers) {
      all += count;
    }
    return all;
  }
}
