package io.recant.core.label;

import java.io.Serializable;

/**
 * How many rows are of each true class and given each class, in expectation: row by row the
 * posterior {@code P(true = k | row, given = j) = q_k T[k][j] / sum_i q_i T[i][j]} of a {@link
 * NoiseTransition}, summed. Mergeable.
 */
public final class ExpectedJoint implements Serializable {

  private final NoiseTransition transition;
  private final int classes;
  private final ExactSums sums;

  /** No rows yet. */
  public ExpectedJoint(NoiseTransition transition) {
    this.transition = transition;
    classes = transition.classes();
    sums = new ExactSums(Math.multiplyExact(classes, classes));
  }

  /**
   * Takes one row in.
   *
   * @param p what a model of given labels predicts
   */
  public void add(int given, double[] p) {
    double[] posterior = transition.posterior(transition.truth(p), given);
    for (int k = 0; k < classes; k++) {
      sums.add(k * classes + given, posterior[k]);
    }
  }

  /** Takes another state's rows in. */
  public ExpectedJoint merge(ExpectedJoint other) {
    sums.merge(other.sums);
    return this;
  }

  /** Expected rows by true and given class; they sum to the rows taken in. */
  public double[][] counts() {
    double[][] counts = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      for (int j = 0; j < classes; j++) {
        counts[k][j] = sums.get(k * classes + j);
      }
    }
    return counts;
  }
}
