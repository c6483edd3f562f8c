package io.recant.jobs.bench;

import io.recant.jobs.neighbour.VectorRow;
import io.recant.spark.step.Seeds;
import java.io.Serializable;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Vectors as those of a text encoder: topics of unequal size, rows of a topic spread along a few
 * directions of its own, ever less, and a little in all. The directions are what makes neighbours
 * hard to find: the more there are, the more rows are equally near.
 */
final class DrawnVectors implements Serializable {

  private static final int TOPICS = 100;
  private static final int DIRECTIONS = 24;
  private static final double NOISE = 0.15;

  private final int dimensions;
  private final long seed;
  private final float[][] means = new float[TOPICS][];
  private final float[][][] directions = new float[TOPICS][DIRECTIONS][];

  private DrawnVectors(int dimensions, long seed) {
    this.dimensions = dimensions;
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(Seeds.derive(seed, "topics"));
    for (int t = 0; t < TOPICS; t++) {
      means[t] = gaussian(random, 0.8);
      for (int d = 0; d < DIRECTIONS; d++) {
        directions[t][d] = gaussian(random, 0.5 / Math.sqrt(1 + d / 4.0));
      }
    }
  }

  /** So many rows, keyed by number; labels are topics. */
  static JavaRDD<VectorRow> of(JavaSparkContext spark, long rows, int dimensions, long seed) {
    Broadcast<DrawnVectors> drawn = spark.broadcast(new DrawnVectors(dimensions, seed));
    return spark
        .sc()
        .range(0, rows, 1, spark.defaultParallelism() * 4)
        .toJavaRDD()
        .map(id -> drawn.value().row((Long) id));
  }

  private VectorRow row(long id) {
    SplittableRandom random = new SplittableRandom(Seeds.derive(seed, "row/" + id));
    int topic = (int) (TOPICS * Math.pow(random.nextDouble(), 1.5));
    float[] vector = gaussian(random, NOISE);
    for (int d = 0; d < dimensions; d++) {
      vector[d] += means[topic][d];
    }
    for (float[] direction : directions[topic]) {
      float along = (float) random.nextGaussian();
      for (int d = 0; d < dimensions; d++) {
        vector[d] += along * direction[d];
      }
    }
    return new VectorRow(id, topic, vector);
  }

  /** A vector of about that length. */
  private float[] gaussian(SplittableRandom random, double length) {
    float[] vector = new float[dimensions];
    for (int d = 0; d < dimensions; d++) {
      vector[d] = (float) (random.nextGaussian() * length / Math.sqrt(dimensions));
    }
    return vector;
  }
}
