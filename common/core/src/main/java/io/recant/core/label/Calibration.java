package io.recant.core.label;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Counts made to agree with known totals, and whole numbers that keep a sum, as in cleanlab 2.9.
 */
public final class Calibration {

  private Calibration() {}

  /**
   * Scales each row of a count matrix to a total, then rounds it keeping the total.
   *
   * @param counts [given][true]
   * @param labelCounts the wanted row sums
   */
  public static long[][] toLabelCounts(long[][] counts, long[] labelCounts) {
    int classes = counts.length;
    double[][] scaled = new double[classes][classes];
    double all = 0;
    for (int k = 0; k < classes; k++) {
      double row = Math.max(1e-100, Arrays.stream(counts[k]).sum());
      for (int j = 0; j < classes; j++) {
        scaled[k][j] = counts[k][j] / row * labelCounts[k];
        all += scaled[k][j];
      }
    }
    double rows = Arrays.stream(labelCounts).sum();
    long[][] calibrated = new long[classes][];
    for (int k = 0; k < classes; k++) {
      for (int j = 0; j < classes; j++) {
        scaled[k][j] = scaled[k][j] / Math.max(1e-100, all) * rows;
      }
      calibrated[k] = roundKeepingSum(scaled[k]);
    }
    return calibrated;
  }

  /**
   * Rounds to whole numbers whose sum is the rounded sum: the numbers that were rounded furthest
   * the wrong way give or take one; of equals, the last grows first and the first shrinks first.
   */
  public static long[] roundKeepingSum(double[] numbers) {
    long[] rounded = new long[numbers.length];
    double exact = 0;
    long sum = 0;
    for (int i = 0; i < numbers.length; i++) {
      rounded[i] = (long) Math.rint(numbers[i]);
      exact += numbers[i];
      sum += rounded[i];
    }
    long wanted = (long) Math.rint(exact);
    while (sum != wanted) {
      int step = wanted > sum ? 1 : -1;
      Comparator<Integer> furthest =
          Comparator.<Integer>comparingDouble(i -> -step * (numbers[i] - rounded[i]))
              .thenComparing(i -> -step * i);
      int[] order =
          IntStream.range(0, numbers.length).boxed().sorted(furthest).mapToInt(i -> i).toArray();
      for (int i = 0; i < order.length && sum != wanted; i++) {
        rounded[order[i]] += step;
        sum += step;
      }
    }
    return rounded;
  }

  /**
   * How many rows to prune: for each given class k and other class j the calibrated count, lowered
   * so that at least one row of k stays; on the diagonal the rows that stay.
   */
  static long[][] pruneCounts(long[][] calibrated) {
    int classes = calibrated.length;
    long[][] prune = new long[classes][classes];
    for (int k = 0; k < classes; k++) {
      long kept = Math.max(1, calibrated[k][k]);
      long nonZero = Arrays.stream(calibrated[k]).filter(c -> c != 0).count();
      double lowered = (double) (kept - calibrated[k][k]) / Math.max(1, nonZero - 1);
      for (int j = 0; j < classes; j++) {
        prune[k][j] = j == k ? kept : (long) Math.max(0, calibrated[k][j] - lowered);
      }
    }
    return prune;
  }
}
