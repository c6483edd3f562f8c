package io.recant.core.vector;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A partition of the unit sphere into cells around centroids, by spherical k-means on a sample: the
 * index of inverted lists (Sivic and Zisserman, ICCV 2003). A vector belongs to the cell whose
 * centroid has the largest inner product with it, the first of several.
 */
public final class Cells implements Serializable {

  private static final int ROUNDS = 6;

  private final float[][] centroids;
  private transient DotBlock block;

  private Cells(float[][] centroids) {
    this.centroids = centroids;
  }

  /**
   * Clusters a sample.
   *
   * @param sample vectors of length 1, in an order that is the same in every run; at least one
   * @param count how many cells; at most as many as there are vectors
   */
  public static Cells of(float[][] sample, int count, long seed) {
    int cells = Math.min(count, sample.length);
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = IntStream.range(0, sample.length).toArray();
    float[][] centroids = new float[cells][];
    for (int c = 0; c < cells; c++) {
      int drawn = c + random.nextInt(order.length - c);
      int swapped = order[c];
      order[c] = order[drawn];
      order[drawn] = swapped;
      centroids[c] = sample[order[c]].clone();
    }
    Cells current = new Cells(centroids);
    for (int round = 0; round < ROUNDS; round++) {
      current = current.moved(sample);
    }
    return current;
  }

  /** The cells after one round of Lloyd's algorithm; an empty cell keeps its centroid. */
  private Cells moved(float[][] sample) {
    int dimensions = sample[0].length;
    double[][] sums = new double[centroids.length][dimensions];
    for (float[] vector : sample) {
      double[] sum = sums[cell(vector)];
      for (int d = 0; d < dimensions; d++) {
        sum[d] += vector[d];
      }
    }
    float[][] next = new float[centroids.length][];
    for (int c = 0; c < next.length; c++) {
      double norm = Math.sqrt(Arrays.stream(sums[c]).map(x -> x * x).sum());
      next[c] = centroids[c].clone();
      for (int d = 0; d < dimensions && norm > 1e-12; d++) {
        next[c][d] = (float) (sums[c][d] / norm);
      }
    }
    return new Cells(next);
  }

  /** How many cells there are. */
  public int count() {
    return centroids.length;
  }

  /** The cell of a vector. */
  public int cell(float[] vector) {
    float[] dots = dots(vector);
    int best = 0;
    for (int c = 1; c < dots.length; c++) {
      if (dots[c] > dots[best]) {
        best = c;
      }
    }
    return best;
  }

  /** The cells nearest to a vector, from the nearest; the first is its own. */
  public int[] nearest(float[] vector, int most) {
    float[] dots = dots(vector);
    Nearest.Collector collector = new Nearest.Collector(Math.min(most, dots.length));
    for (int c = 0; c < dots.length; c++) {
      if (dots[c] >= collector.floor()) {
        collector.offer(dots[c], c, c);
      }
    }
    return collector.nearest().labels();
  }

  private float[] dots(float[] vector) {
    if (block == null) {
      block = new DotBlock(centroids);
    }
    return block.dots(vector);
  }
}
