package io.recant.core.label;

import java.io.Serializable;

/**
 * First pass of confident learning: how sure a model is of each class where it was given (Northcutt
 * et al., JAIR 2021). The threshold of class k is the mean of p_k over the rows labelled k, at
 * least 2e-6; a class without rows has threshold 2, which no probability reaches. Mergeable, and
 * independent of the order of rows.
 */
public final class ClassThresholds implements Serializable {

  /** The threshold of a class that no row was given. */
  public static final double UNREACHABLE = 2;

  private static final double FLOOR = 2 * Probabilities.TOLERANCE;

  private final long[] counts;
  private final ExactSums sums;

  /** No rows yet. */
  public ClassThresholds(int classes) {
    counts = new long[classes];
    sums = new ExactSums(classes);
  }

  /**
   * Takes one row in.
   *
   * @param p out-of-sample probabilities, one per class
   */
  public void add(int given, double[] p) {
    counts[given]++;
    sums.add(given, p[given]);
  }

  /** Takes another state's rows in. */
  public ClassThresholds merge(ClassThresholds other) {
    for (int k = 0; k < counts.length; k++) {
      counts[k] += other.counts[k];
    }
    sums.merge(other.sums);
    return this;
  }

  /** Rows given each class. */
  public long[] counts() {
    return counts.clone();
  }

  /** Rows in all. */
  public long rows() {
    long rows = 0;
    for (long count : counts) {
      rows += count;
    }
    return rows;
  }

  /** One threshold per class. */
  public double[] thresholds() {
    double[] thresholds = new double[counts.length];
    for (int k = 0; k < counts.length; k++) {
      thresholds[k] = counts[k] == 0 ? UNREACHABLE : Math.max(FLOOR, sums.get(k) / counts[k]);
    }
    return thresholds;
  }

  /** Share of the rows given each class; 0 everywhere when there are no rows. */
  public double[] shares() {
    double rows = Math.max(1, rows());
    double[] shares = new double[counts.length];
    for (int k = 0; k < counts.length; k++) {
      shares[k] = counts[k] / rows;
    }
    return shares;
  }
}
