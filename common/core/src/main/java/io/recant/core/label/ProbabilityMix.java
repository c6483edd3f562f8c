package io.recant.core.label;

import java.io.Serializable;

/**
 * Joins a model's probabilities p with those of neighbours, v: {@code softmax(a log p + b log v)},
 * with the exponents that predict the given labels best (lowest mean -log) on rows neither saw. a
 * in 0.6, 0.7 ... 1, b in 0, 0.1 ... 0.4. Mergeable.
 */
public final class ProbabilityMix implements Serializable {

  private static final int A = 5;
  private static final int B = 5;

  private final ExactSums losses = new ExactSums(A * B);

  /** The exponents of p and of v. */
  public record Exponents(double model, double neighbours) implements Serializable {

    /** The joint probabilities; sums to 1. */
    public double[] join(double[] p, double[] v) {
      double[] joint = new double[p.length];
      double largest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < p.length; k++) {
        joint[k] = model * log(p[k]) + neighbours * log(v[k]);
        largest = Math.max(largest, joint[k]);
      }
      double sum = 0;
      for (int k = 0; k < p.length; k++) {
        joint[k] = Math.exp(joint[k] - largest);
        sum += joint[k];
      }
      for (int k = 0; k < p.length; k++) {
        joint[k] /= sum;
      }
      return joint;
    }

    private static double log(double x) {
      return Math.log(Math.max(1e-9, x));
    }
  }

  /** Takes one row in. */
  public void add(int given, double[] p, double[] v) {
    for (int i = 0; i < A * B; i++) {
      losses.add(i, -Math.log(Math.max(1e-12, exponents(i).join(p, v)[given])));
    }
  }

  /** Takes another state's rows in. */
  public ProbabilityMix merge(ProbabilityMix other) {
    losses.merge(other.losses);
    return this;
  }

  /** The best exponents; p as it is where no row was seen. */
  public Exponents best() {
    int best = 0;
    for (int i = 1; i < A * B; i++) {
      if (losses.get(i) < losses.get(best)) {
        best = i;
      }
    }
    return exponents(best);
  }

  private static Exponents exponents(int i) {
    return new Exponents(1 - 0.1 * (i / B), 0.1 * (i % B));
  }
}
