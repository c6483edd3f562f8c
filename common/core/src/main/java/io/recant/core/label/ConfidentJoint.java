package io.recant.core.label;

import java.io.Serializable;

/**
 * Second pass of confident learning: counts of (given label, confident class), and how many label
 * errors that makes (Northcutt et al., JAIR 2021; the numbers of cleanlab 2.9). A row is confident
 * of k when p_k &gt;= threshold_k - 1e-6; confident of one class: that one; of several: arg max p;
 * of none: left out. Mergeable, and independent of the order of rows.
 */
public final class ConfidentJoint implements Serializable {

  /** What {@link #bin} says of a row that is confident of no class. */
  public static final int NONE = -1;

  private final double[] thresholds;
  private final long[][] counts;
  private final long[][] predicted;
  private long issues;
  private long batchedIssues;

  /** No rows yet; the thresholds are those of the first pass. */
  public ConfidentJoint(double[] thresholds) {
    this.thresholds = thresholds.clone();
    counts = new long[thresholds.length][thresholds.length];
    predicted = new long[thresholds.length][thresholds.length];
  }

  /** The class a row is confident of, or {@link #NONE}. */
  public static int bin(double[] p, double[] thresholds) {
    int only = NONE;
    for (int k = 0; k < p.length; k++) {
      if (p[k] >= thresholds[k] - Probabilities.TOLERANCE) {
        if (only != NONE) {
          return Probabilities.argMax(p);
        }
        only = k;
      }
    }
    return only;
  }

  /** Takes one row in. */
  public void add(int given, double[] p) {
    int bin = bin(p, thresholds);
    if (bin != NONE) {
      counts[given][bin]++;
      if (bin != given && !Probabilities.predictsGiven(p, given)) {
        issues++;
      }
    }
    int best = Probabilities.argMax(p);
    predicted[given][best]++;
    if (best != given && p[best] >= thresholds[best] - Probabilities.TOLERANCE) {
      batchedIssues++;
    }
  }

  /** Takes another state's rows in; both were made with the same thresholds. */
  public ConfidentJoint merge(ConfidentJoint other) {
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < counts.length; j++) {
        counts[i][j] += other.counts[i][j];
        predicted[i][j] += other.predicted[i][j];
      }
    }
    issues += other.issues;
    batchedIssues += other.batchedIssues;
    return this;
  }

  /** Counts [given][confident class], the diagonal at least 1. */
  public long[][] counts() {
    long[][] copy = new long[counts.length][];
    for (int k = 0; k < counts.length; k++) {
      copy[k] = counts[k].clone();
      copy[k][k] = Math.max(1, copy[k][k]);
    }
    return copy;
  }

  /** Counts [given][arg max]. */
  long[][] predicted() {
    return predicted;
  }

  /**
   * Counts scaled so that each row sums to the rows given that class, in whole numbers.
   *
   * @param labelCounts rows given each class
   */
  public long[][] calibrated(long[] labelCounts) {
    return Calibration.toLabelCounts(counts(), labelCounts);
  }

  /** Off-diagonal rows whose arg max is not the given label: the estimated number of errors. */
  public long issues() {
    return issues;
  }

  /**
   * The same as the two-pass batched form counts it: rows whose arg max is confident and is not the
   * given label.
   */
  public long batchedIssues() {
    return batchedIssues;
  }

  /** The thresholds it counts with. */
  public double[] thresholds() {
    return thresholds.clone();
  }
}
