package io.recant.core.vector;

import java.util.Arrays;

/**
 * Inner products of many query vectors with a block of rows, in loops the just-in-time compiler
 * turns into vector instructions. Rows are stored by dimension, in tiles, one array per dimension
 * (in one large array the compiler cannot prove what it needs, and is five times slower); a few
 * dimensions of a tile stay in the first-level cache while all queries pass over them.
 *
 * <p>A product is summed in one order, whatever else is in the block and whichever of the two is
 * the query: equal inputs give equal bits.
 */
public final class DotBlock {

  /** Rows of a tile. */
  public static final int TILE = 256;

  private static final int STEP = 4;
  private static final int CACHED = 16;

  private final int rows;
  private final int padded;
  private final float[] lifts;
  private final float[][][] tiles;

  /** A block of rows of equal length; at least one row. */
  public DotBlock(float[][] vectors) {
    this(vectors, new float[vectors.length]);
  }

  /**
   * The same with a number each that every product of the row begins with.
   *
   * @param lifts one per row
   */
  public DotBlock(float[][] vectors, float[] lifts) {
    this.lifts = lifts;
    rows = vectors.length;
    padded = padded(vectors[0].length);
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

  /** The length to which {@link #products} wants queries filled up with zeros. */
  public static int padded(int dimensions) {
    return (dimensions + STEP - 1) / STEP * STEP;
  }

  /** How many rows the block has. */
  public int rows() {
    return rows;
  }

  /** How many tiles they make. */
  public int tiles() {
    return tiles.length;
  }

  /** How many rows a tile has. */
  public int width(int tile) {
    return tiles[tile][0].length;
  }

  /**
   * The products of queries with the rows of a tile, each begun with both lifts.
   *
   * @param queries of length {@link #padded}
   * @param queryLifts one per query
   * @param count how many of the queries
   * @param products an array of {@link #width} per query, overwritten
   */
  public void products(
      int tile, float[][] queries, float[] queryLifts, int count, float[][] products) {
    float[][] rowsByDimension = tiles[tile];
    int width = width(tile);
    for (int q = 0; q < count; q++) {
      float[] sums = products[q];
      for (int j = 0; j < width; j++) {
        sums[j] = queryLifts[q] + lifts[tile * TILE + j];
      }
    }
    for (int from = 0; from < padded; from += CACHED) {
      int to = Math.min(padded, from + CACHED);
      for (int q = 0; q < count; q++) {
        add(rowsByDimension, queries[q], from, to, products[q], width);
      }
    }
  }

  /** The product of one query, of any length, with every row. */
  public float[] dots(float[] query) {
    float[][] queries = {Arrays.copyOf(query, padded)};
    float[] dots = new float[rows];
    float[] lift = {0};
    for (int t = 0; t < tiles.length; t++) {
      float[][] products = {new float[width(t)]};
      products(t, queries, lift, 1, products);
      System.arraycopy(products[0], 0, dots, t * TILE, width(t));
    }
    return dots;
  }

  private static void add(
      float[][] rows, float[] query, int from, int to, float[] sums, int width) {
    for (int d = from; d < to; d += STEP) {
      addFour(rows[d], rows[d + 1], rows[d + 2], rows[d + 3], query, d, sums, width);
    }
  }

  private static void addFour(
      float[] v0, float[] v1, float[] v2, float[] v3, float[] q, int d, float[] sums, int width) {
    float q0 = q[d];
    float q1 = q[d + 1];
    float q2 = q[d + 2];
    float q3 = q[d + 3];
    for (int j = 0; j < width; j++) {
      sums[j] += q0 * v0[j] + q1 * v1[j] + q2 * v2[j] + q3 * v3[j];
    }
  }
}
