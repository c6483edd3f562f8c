package io.recant.core.vector;

import java.util.Arrays;

/**
 * Inner products of query vectors with a block of rows, in loops the just-in-time compiler turns
 * into vector instructions: rows are stored by dimension, in tiles that fit the cache, one array
 * per dimension (in one large array the compiler cannot prove what it needs, and is five times
 * slower). A product is always summed in the same order, whatever else is in the block, so equal
 * inputs give equal bits.
 */
public final class DotBlock {

  private static final int TILE = 256;
  private static final int STEP = 4;

  private final int rows;
  private final int padded;
  private final float[][][] tiles;

  /** A block of rows of equal length; at least one row. */
  public DotBlock(float[][] vectors) {
    rows = vectors.length;
    padded = (vectors[0].length + STEP - 1) / STEP * STEP;
    tiles = new float[(rows + TILE - 1) / TILE][][];
    for (int t = 0; t < tiles.length; t++) {
      int width = Math.min(TILE, rows - t * TILE);
      tiles[t] = new float[padded][width];
      for (int j = 0; j < width; j++) {
        float[] vector = vectors[t * TILE + j];
        for (int d = 0; d < vector.length; d++) {
          tiles[t][d][j] = vector[d];
        }
      }
    }
  }

  /** How many rows the block has. */
  public int rows() {
    return rows;
  }

  /** The inner product of a query with every row. */
  public float[] dots(float[] query) {
    float[] q = Arrays.copyOf(query, padded);
    float[] dots = new float[rows];
    for (int t = 0; t < tiles.length; t++) {
      float[][] tile = tiles[t];
      float[] sums = new float[tile[0].length];
      for (int d = 0; d < padded; d += STEP) {
        addFour(tile[d], tile[d + 1], tile[d + 2], tile[d + 3], q, d, sums);
      }
      System.arraycopy(sums, 0, dots, t * TILE, sums.length);
    }
    return dots;
  }

  private static void addFour(
      float[] v0, float[] v1, float[] v2, float[] v3, float[] q, int d, float[] sums) {
    float q0 = q[d];
    float q1 = q[d + 1];
    float q2 = q[d + 2];
    float q3 = q[d + 3];
    for (int j = 0; j < sums.length; j++) {
      sums[j] += q0 * v0[j] + q1 * v1[j] + q2 * v2[j] + q3 * v3[j];
    }
  }
}
