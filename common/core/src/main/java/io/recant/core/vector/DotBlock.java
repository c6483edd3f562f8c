package io.recant.core.vector;

/**
 * Inner products of query vectors with a block of rows, in loops the just-in-time compiler turns
 * into vector instructions: rows are stored by dimension in tiles that fit the cache. A product is
 * always summed in the same order, whatever else is in the block, so equal inputs give equal bits.
 */
public final class DotBlock {

  private static final int TILE = 256;
  private static final int STEP = 4;

  private final int rows;
  private final int padded;
  private final float[][] tiles;

  /** A block of rows of equal length; at least one row. */
  public DotBlock(float[][] vectors) {
    rows = vectors.length;
    padded = (vectors[0].length + STEP - 1) / STEP * STEP;
    tiles = new float[(rows + TILE - 1) / TILE][];
    for (int t = 0; t < tiles.length; t++) {
      int width = width(t);
      tiles[t] = new float[padded * width];
      for (int j = 0; j < width; j++) {
        float[] vector = vectors[t * TILE + j];
        for (int d = 0; d < vector.length; d++) {
          tiles[t][d * width + j] = vector[d];
        }
      }
    }
  }

  /** How many rows the block has. */
  public int rows() {
    return rows;
  }

  /**
   * The inner products of two queries with every row.
   *
   * @param first where the first query's go, {@link #rows} long
   * @param second where the second query's go; another array
   */
  public void dots(float[] query, float[] other, float[] first, float[] second) {
    float[] a = java.util.Arrays.copyOf(query, padded);
    float[] b = java.util.Arrays.copyOf(other, padded);
    float[] sumA = new float[TILE];
    float[] sumB = new float[TILE];
    for (int t = 0; t < tiles.length; t++) {
      int width = width(t);
      java.util.Arrays.fill(sumA, 0);
      java.util.Arrays.fill(sumB, 0);
      for (int d = 0; d < padded; d += STEP) {
        addFour(tiles[t], d * width, width, a, b, d, sumA, sumB);
      }
      System.arraycopy(sumA, 0, first, t * TILE, width);
      System.arraycopy(sumB, 0, second, t * TILE, width);
    }
  }

  private static void addFour(
      float[] tile, int at, int width, float[] a, float[] b, int d, float[] sumA, float[] sumB) {
    float a0 = a[d];
    float a1 = a[d + 1];
    float a2 = a[d + 2];
    float a3 = a[d + 3];
    float b0 = b[d];
    float b1 = b[d + 1];
    float b2 = b[d + 2];
    float b3 = b[d + 3];
    int at1 = at + width;
    int at2 = at1 + width;
    int at3 = at2 + width;
    for (int j = 0; j < width; j++) {
      float v0 = tile[at + j];
      float v1 = tile[at1 + j];
      float v2 = tile[at2 + j];
      float v3 = tile[at3 + j];
      sumA[j] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
      sumB[j] += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3;
    }
  }

  private int width(int tile) {
    return Math.min(TILE, rows - tile * TILE);
  }
}
