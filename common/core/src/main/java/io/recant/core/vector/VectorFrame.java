package io.recant.core.vector;

import java.io.Serializable;

/**
 * Puts vectors where one inner product serves both metrics. A placed vector x has a lift h(x) = (1
 * - |x|^2) / 2, and two of them the similarity
 *
 * <pre>s(a, b) = a . b + h(a) + h(b) = 1 - |a - b|^2 / 2</pre>
 *
 * <p>Under {@link Metric#COSINE} vectors are scaled to length 1: the lift is 0 and s the cosine.
 * Under {@link Metric#EUCLIDEAN} they are moved by the mean and divided by the root mean square
 * distance from it: s is 1 for equal vectors, 0 on average for two drawn at random, whatever the
 * unit, and falls without bound.
 */
public final class VectorFrame implements Serializable {

  private static final double LEAST_NORM = 1e-12;

  private final Metric metric;
  private final int dimensions;
  private final double[] mean;
  private final double scale;

  private VectorFrame(Metric metric, int dimensions, double[] mean, double scale) {
    this.metric = metric;
    this.dimensions = dimensions;
    this.mean = mean;
    this.scale = scale;
  }

  /**
   * The frame of a corpus.
   *
   * @param sample vectors as they came, of equal length, in an order that is the same in every run
   * @param dimensions their length
   */
  public static VectorFrame of(Metric metric, Iterable<float[]> sample, int dimensions) {
    double[] mean = new double[dimensions];
    if (metric == Metric.COSINE) {
      return new VectorFrame(metric, dimensions, mean, 1);
    }
    long rows = 0;
    double squares = 0;
    for (float[] vector : sample) {
      rows++;
      for (int d = 0; d < dimensions; d++) {
        mean[d] += vector[d];
      }
    }
    for (int d = 0; d < dimensions; d++) {
      mean[d] /= Math.max(1, rows);
    }
    for (float[] vector : sample) {
      for (int d = 0; d < dimensions; d++) {
        squares += (vector[d] - mean[d]) * (vector[d] - mean[d]);
      }
    }
    double scale = Math.sqrt(squares / Math.max(1, rows));
    return new VectorFrame(metric, dimensions, mean, scale > LEAST_NORM ? scale : 1);
  }

  /** The metric. */
  public Metric metric() {
    return metric;
  }

  /** A vector's place; empty where it has none: not finite, of another length, or no direction. */
  public float[] placed(float[] vector) {
    if (vector.length != dimensions) {
      return new float[0];
    }
    double norm = Math.sqrt(squares(vector));
    if (!Double.isFinite(norm) || metric == Metric.COSINE && norm <= LEAST_NORM) {
      return new float[0];
    }
    double factor = 1 / (metric == Metric.COSINE ? norm : scale);
    float[] placed = new float[dimensions];
    for (int d = 0; d < dimensions; d++) {
      placed[d] = (float) ((vector[d] - mean[d]) * factor);
    }
    return placed;
  }

  /** The lift of a placed vector. */
  public float lift(float[] placed) {
    return lift(metric, placed);
  }

  static float lift(Metric metric, float[] placed) {
    return metric == Metric.COSINE ? 0 : (float) ((1 - squares(placed)) / 2);
  }

  /** The distance that a similarity means: 1 - s, or the length of the difference as it came. */
  public double distance(double similarity) {
    double gap = Math.max(0, 1 - similarity);
    return metric == Metric.COSINE ? gap : scale * Math.sqrt(2 * gap);
  }

  /** The similarity at a distance. */
  public double similarity(double distance) {
    return metric == Metric.COSINE ? 1 - distance : 1 - (distance / scale) * (distance / scale) / 2;
  }

  /**
   * How many rows that have nothing to do with one another lie so near by chance: where the nearest
   * of independent rows is at median distance m, the share of rows with another within {@code share
   * m} is {@code 1 - 2^-(share^e)}, e being the power of a distance with which volume grows: the
   * dimensions; for cosine distances, half the square of an angle, half of one less.
   *
   * @param share of the median nearest distance, in [0, 1]
   */
  public double chance(double share) {
    double power = metric == Metric.COSINE ? (dimensions - 1) / 2.0 : dimensions;
    return 1 - Math.pow(2, -Math.pow(share, power));
  }

  private static double squares(float[] vector) {
    double sum = 0;
    for (float x : vector) {
      sum += (double) x * x;
    }
    return sum;
  }
}
