package io.recant.core.stats;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * An estimate with its 95 % confidence interval.
 *
 * @param value the estimate
 * @param lower lower end
 * @param upper upper end
 */
public record Interval(double value, double lower, double upper) {

  private static final double Z = NormalDistribution.of(0, 1).inverseCumulativeProbability(0.975);

  /** An estimate whose interval is not known: NaN ends. */
  public static Interval point(double value) {
    return new Interval(value, Double.NaN, Double.NaN);
  }

  /** The estimate as tables have it: null where there is none. */
  public Double valueOrNull() {
    return finiteOrNull(value);
  }

  /** The lower end as tables have it. */
  public Double lowerOrNull() {
    return finiteOrNull(lower);
  }

  /** The upper end as tables have it. */
  public Double upperOrNull() {
    return finiteOrNull(upper);
  }

  private static Double finiteOrNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /**
   * A share by Wilson's score interval (Wilson 1927), which stays inside [0, 1] and holds its level
   * for small counts.
   *
   * @param successes how many
   * @param n of how many; for 0 the share is unknown: NaN in [0, 1]
   */
  public static Interval share(double successes, double n) {
    if (n <= 0) {
      return new Interval(Double.NaN, 0, 1);
    }
    double p = successes / n;
    double z2 = Z * Z;
    double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z / (1 + z2 / n) * Math.sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return new Interval(p, Math.max(0, centre - half), Math.min(1, centre + half));
  }

  /**
   * A mean by the normal approximation; NaN ends where fewer than two values leave the spread
   * unknown.
   */
  public static Interval mean(double[] values) {
    int n = values.length;
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    double mean = n == 0 ? Double.NaN : sum / n;
    double squares = 0;
    for (double v : values) {
      squares += (v - mean) * (v - mean);
    }
    double half = n < 2 ? Double.NaN : Z * Math.sqrt(squares / (n - 1) / n);
    return new Interval(mean, mean - half, mean + half);
  }

  /**
   * An area under the ROC curve, with Hanley and McNeil's standard error (Radiology 1982).
   *
   * @param auc the area, in [0, 1]
   * @param positives rows of the class that should score high
   * @param negatives the others
   */
  public static Interval auc(double auc, long positives, long negatives) {
    if (positives == 0 || negatives == 0) {
      return new Interval(Double.NaN, 0, 1);
    }
    double q1 = auc / (2 - auc);
    double q2 = 2 * auc * auc / (1 + auc);
    double variance =
        (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc))
            / ((double) positives * negatives);
    double half = Z * Math.sqrt(Math.max(0, variance));
    return new Interval(auc, Math.max(0, auc - half), Math.min(1, auc + half));
  }
}
