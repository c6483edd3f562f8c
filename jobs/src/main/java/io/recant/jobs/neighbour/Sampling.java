package io.recant.jobs.neighbour;

import io.recant.core.vector.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/** Draws rows by their keys: the same in every run, however they are partitioned. */
public final class Sampling {

  private Sampling() {}

  /** Whether a row is among about {@code wanted} of {@code rows}. */
  public static boolean draws(long key, long rows, long wanted) {
    return rows <= wanted
        || (mixed(key) & Long.MAX_VALUE) <= (long) ((double) wanted / rows * Long.MAX_VALUE);
  }

  /** About so many points, ordered by key. */
  static List<Point> of(JavaRDD<Point> points, long rows, long wanted) {
    List<Point> sample =
        new ArrayList<>(points.filter(p -> draws(p.key(), rows, wanted)).collect());
    sample.sort(Comparator.comparingLong(Point::key));
    return sample;
  }

  /** The vectors of points, ordered by key. */
  static float[][] vectors(Iterable<Point> points) {
    List<Point> sorted = new ArrayList<>();
    points.forEach(sorted::add);
    sorted.sort(Comparator.comparingLong(Point::key));
    return sorted.stream().map(Point::vector).toArray(float[][]::new);
  }

  /** A key's bits well mixed. */
  static long mixed(long key) {
    long z = (key ^ key >>> 33) * 0xff51afd7ed558ccdL;
    return (z ^ z >>> 33) * 0xc4ceb9fe1a85ec53L;
  }
}
