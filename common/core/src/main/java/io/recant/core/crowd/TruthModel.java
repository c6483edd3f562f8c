package io.recant.core.crowd;

import java.io.Serializable;

/** How answers to a sample become a belief about its true class. */
public interface TruthModel extends Serializable {

  /**
   * Fills in the probability of each class.
   *
   * @param without the fold whose answers are not looked at, or {@link Answers#ALL}
   * @param posterior receives one probability a class; they sum to 1
   * @return log probability of the answers under the model; 0 where it is no model of answers
   */
  double infer(Answers answers, int sample, int without, double[] posterior);

  /** The most probable class; of equally probable ones the first. */
  static int best(double[] posterior) {
    int best = 0;
    for (int k = 1; k < posterior.length; k++) {
      if (posterior[k] > posterior[best]) {
        best = k;
      }
    }
    return best;
  }
}
