package io.recant.ml.head;

import java.util.Arrays;

/**
 * Rows to train a head on, resident in memory and shared by all folds. One Java array bounds it: at
 * 384 dimensions 5.5 million rows, beyond which a corpus is trained on in parts.
 *
 * @param vectors n x dimension, row after row
 * @param dimension length of a vector
 * @param targets what to predict, n rows
 * @param outputs how many classes or tokens there are
 * @param weights how much each row's loss counts, n numbers
 */
public record HeadData(
    float[] vectors, int dimension, SparseTargets targets, int outputs, float[] weights) {

  public HeadData {
    int rows = targets.rows();
    if ((long) rows * dimension != vectors.length || weights.length != rows) {
      throw new IllegalArgumentException(
          rows
              + " targets, "
              + weights.length
              + " weights and "
              + vectors.length
              + " numbers in vectors of "
              + dimension);
    }
    for (int id : targets.ids()) {
      if (id < 0 || id >= outputs) {
        throw new IllegalArgumentException("target " + id + " is not among " + outputs);
      }
    }
  }

  /** Rows that all count 1. */
  public static HeadData of(float[] vectors, int dimension, SparseTargets targets, int outputs) {
    float[] weights = new float[targets.rows()];
    Arrays.fill(weights, 1);
    return new HeadData(vectors, dimension, targets, outputs, weights);
  }

  /** The same rows under other weights, as after a round that found some of them suspect. */
  public HeadData withWeights(float[] newWeights) {
    return new HeadData(vectors, dimension, targets, outputs, newWeights);
  }

  /** n. */
  public int rows() {
    return targets.rows();
  }

  float[] weights(int[] rows) {
    float[] some = new float[rows.length];
    for (int i = 0; i < some.length; i++) {
      some[i] = weights[rows[i]];
    }
    return some;
  }

  float[] gather(int[] rows) {
    float[] gathered = new float[Math.multiplyExact(rows.length, dimension)];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(vectors, rows[i] * dimension, gathered, i * dimension, dimension);
    }
    return gathered;
  }
}
