package io.recant.ml.head;

import java.util.Arrays;

/**
 * What models that never saw a row say about its label: {@value #WIDTH} numbers a row, row after
 * row. With p their probabilities and y the label: 1; the log-odds that the label is right, in
 * [-10, 10]; the mean of that over the rows labelled y; -log p_y over log K; the entropy of p over
 * log K.
 *
 * @param values rows x {@value #WIDTH}
 */
public record Evidence(float[] values) {

  /** Numbers a row. */
  public static final int WIDTH = 5;

  static final int LOG_ODDS = 1;
  private static final int CLASS_MEAN = 2;

  private static final double MOST = 10;
  private static final double FLOOR = 1e-9;

  public Evidence {
    if (values.length % WIDTH != 0) {
      throw new IllegalArgumentException(values.length + " numbers in rows of " + WIDTH);
    }
  }

  /**
   * The numbers of one row, the mean of its class still 0.
   *
   * @param wrong the probability that the label is wrong
   */
  public static float[] of(double[] p, int label, double wrong) {
    double entropy = 0;
    for (int k = 0; k < p.length; k++) {
      entropy -= p[k] * Math.log(Math.max(FLOOR, p[k]));
    }
    double own = Math.log(Math.max(FLOOR, p[label]));
    double classes = Math.log(Math.max(2, p.length));
    return new float[] {
      1,
      (float)
          Math.max(
              -MOST, Math.min(MOST, Math.log(Math.max(FLOOR, 1 - wrong) / Math.max(FLOOR, wrong)))),
      0,
      (float) (-own / classes),
      (float) (entropy / classes)
    };
  }

  /** How many rows. */
  public int rows() {
    return values.length / WIDTH;
  }

  /** A number of a row. */
  float get(int row, int feature) {
    return values[row * WIDTH + feature];
  }

  /** sigmoid(theta . f), in (0, 1). */
  double weight(int row, double[] theta) {
    double sum = 0;
    for (int f = 0; f < WIDTH; f++) {
      sum += theta[f] * values[row * WIDTH + f];
    }
    return 1 / (1 + Math.exp(-sum));
  }

  /** With the class means over some of the rows. */
  Evidence centred(SparseTargets targets, int[] rows, int outputs) {
    double[] sums = new double[outputs];
    int[] counts = new int[outputs];
    for (int row : rows) {
      sums[targets.label(row)] += get(row, LOG_ODDS);
      counts[targets.label(row)]++;
    }
    float[] filled = values.clone();
    for (int row : rows) {
      int label = targets.label(row);
      filled[row * WIDTH + CLASS_MEAN] = (float) (sums[label] / counts[label]);
    }
    return new Evidence(filled);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Evidence e && Arrays.equals(values, e.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return rows() + " rows of evidence";
  }
}
