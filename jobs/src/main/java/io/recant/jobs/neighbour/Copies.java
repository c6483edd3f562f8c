package io.recant.jobs.neighbour;

import io.recant.core.vector.Neighbourhood;
import io.recant.core.vector.Point;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Vectors that stand very often. Of equal rows nobody's k nearest holds more than the k with the
 * smallest keys, and all of them have the same neighbours, because near-duplicates are none: so k +
 * 1 of them are searched, and the others get what the first of them found. However often one vector
 * stands, no cell crowds for it, and nothing is lost.
 */
final class Copies {

  private static final int BUCKETS = 1 << 16;

  /**
   * A vector.
   *
   * @param rows how often it stands
   * @param keys the smallest, rising
   */
  private record Frequent(long rows, long[] keys) implements Serializable {

    static final Frequent NONE = new Frequent(0, new long[0]);

    Frequent merge(Frequent other, int most) {
      return new Frequent(
          rows + other.rows,
          LongStream.concat(Arrays.stream(keys), Arrays.stream(other.keys))
              .sorted()
              .limit(most)
              .toArray());
    }
  }

  private final long rows;
  private final long dropped;
  private final Broadcast<HashMap<Long, long[]>> searched;

  private Copies(long rows, long dropped, Broadcast<HashMap<Long, long[]>> searched) {
    this.rows = rows;
    this.dropped = dropped;
    this.searched = searched;
  }

  /**
   * Looks for them.
   *
   * @param searched how many equal rows are searched
   * @param often a vector that stands more often than this is frequent
   */
  static Copies of(JavaRDD<Point> points, int searched, int often) {
    int[] sizes =
        points.treeAggregate(
            new int[BUCKETS],
            (counts, p) -> {
              counts[bucket(hash(p))]++;
              return counts;
            },
            (a, b) -> {
              Arrays.setAll(a, i -> a[i] + b[i]);
              return a;
            });
    long rows = Arrays.stream(sizes).asLongStream().sum();
    int most = Math.max(often, searched);
    HashMap<Long, long[]> keys = new HashMap<>();
    long dropped = 0;
    if (Arrays.stream(sizes).anyMatch(size -> size > most)) {
      Map<Long, Frequent> frequent =
          points
              .filter(p -> sizes[bucket(hash(p))] > most)
              .mapToPair(p -> new Tuple2<>(hash(p), p.key()))
              .aggregateByKey(
                  Frequent.NONE,
                  (f, key) -> f.merge(new Frequent(1, new long[] {key}), searched),
                  (a, b) -> a.merge(b, searched))
              .filter(f -> f._2().rows() > most)
              .collectAsMap();
      for (Map.Entry<Long, Frequent> entry : frequent.entrySet()) {
        keys.put(entry.getKey(), entry.getValue().keys());
        dropped += entry.getValue().rows() - entry.getValue().keys().length;
      }
    }
    return new Copies(
        rows, dropped, JavaSparkContext.fromSparkContext(points.context()).broadcast(keys));
  }

  private static int bucket(long hash) {
    return (int) (hash & BUCKETS - 1);
  }

  private static long hash(Point point) {
    long hash = 0;
    for (float x : point.vector()) {
      hash = Sampling.mixed(hash * 31 + Float.floatToIntBits(x + 0f));
    }
    return Sampling.mixed(hash);
  }

  /** How many rows there are. */
  long rows() {
    return rows;
  }

  /** How many are searched. */
  long searchedRows() {
    return rows - dropped;
  }

  /** The rows that are searched. */
  JavaRDD<Point> searched(JavaRDD<Point> points) {
    Broadcast<HashMap<Long, long[]>> keys = searched;
    return dropped == 0 ? points : points.filter(p -> isSearched(keys.value(), p));
  }

  private static boolean isSearched(Map<Long, long[]> searched, Point point) {
    long[] keys = searched.isEmpty() ? null : searched.get(hash(point));
    return keys == null || Arrays.binarySearch(keys, point.key()) >= 0;
  }

  /**
   * What was found for the rows that were searched, which is cached; with the rows that were not.
   */
  JavaPairRDD<Long, Neighbourhood> completed(
      JavaRDD<Point> points, JavaPairRDD<Long, Neighbourhood> found) {
    if (dropped == 0) {
      return found;
    }
    Broadcast<HashMap<Long, long[]>> keys = searched;
    Set<Long> first = new HashSet<>();
    keys.value().values().forEach(copies -> first.add(copies[0]));
    Broadcast<HashMap<Long, Neighbourhood>> known =
        JavaSparkContext.fromSparkContext(points.context())
            .broadcast(new HashMap<>(found.filter(f -> first.contains(f._1())).collectAsMap()));
    return found.union(
        points
            .filter(p -> !isSearched(keys.value(), p))
            .mapToPair(
                p -> new Tuple2<>(p.key(), known.value().get(keys.value().get(hash(p))[0]))));
  }
}
