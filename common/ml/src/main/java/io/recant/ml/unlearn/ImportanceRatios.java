package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/**
 * How the ratios F_f / F_r of a model's weights are distributed. They are counted, not kept: 8 MB
 * and one pass whatever the model, where sorting them would take as much again as the model. A bin
 * is a float's exponent and the first 12 bits of its mantissa, so that a threshold is within 1 /
 * 4096 of itself.
 *
 * <p>As in the published code, 0 / 0 is no ratio, and neither is an infinite one: what the retain
 * set does not need at all is dampened whatever the threshold.
 */
final class ImportanceRatios {

  private static final int DROPPED_BITS = 11;

  /** Floats this far below an edge still compare as above it after some rounding. */
  private static final int ROUNDING = 16;

  private static final int CHUNK = 1 << 20;

  private final long[] counts = new long[1 << (Integer.SIZE - 1 - DROPPED_BITS)];
  private long total;

  /** Counts the ratios of one parameter's weights, some at a time. */
  void add(NDArray forget, NDArray retain) {
    long size = forget.size();
    for (long from = 0; from < size; from += CHUNK) {
      NDIndex some = new NDIndex("{}:{}", from, Math.min(size, from + CHUNK));
      try (NDManager scope = forget.getManager().newSubManager()) {
        scope.tempAttachAll(forget, retain);
        add(forget.flatten().get(some).div(retain.flatten().get(some)).toFloatArray());
      }
    }
  }

  /** Counts ratios, none of them negative. */
  void add(float... ratios) {
    for (float ratio : ratios) {
      if (Float.isFinite(ratio)) {
        counts[Float.floatToIntBits(ratio) >>> DROPPED_BITS]++;
        total++;
      }
    }
  }

  /**
   * What that share of the ratios exceeds: the percentile 100 (1 - share). As many lie above it as
   * above a percentile that is interpolated, {@code ceil(share (n - 1))} of n, and at least one;
   * where the threshold falls into a bin, that whole bin lies above.
   *
   * @param share from 0 to 1
   * @return the largest float where there is no ratio
   */
  double exceededBy(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * (total - 1)));
    long above = 0;
    for (int bin = counts.length - 1; bin >= 0; bin--) {
      above += counts[bin];
      if (above >= wanted) {
        return Float.intBitsToFloat(Math.max(0, (bin << DROPPED_BITS) - ROUNDING));
      }
    }
    return Float.MAX_VALUE;
  }
}
