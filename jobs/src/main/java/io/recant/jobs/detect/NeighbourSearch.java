package io.recant.jobs.detect;

import io.recant.core.vector.Cells;
import io.recant.core.vector.DotBlock;
import io.recant.core.vector.Nearest;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * The k nearest neighbours of every point by cosine, in time linear in the points: points lie in
 * cells of bounded size, and each looks into the cells nearest to it, as many as it takes to find
 * the wanted share of the true neighbours of a sample of points. A crowded cell is cut into pieces
 * by hash, and a point looks into one piece: a fair sample of what is there. Near-duplicates are
 * left out: a copy of a row would only vouch for the same mistake.
 */
final class NeighbourSearch {

  private static final int PROBED = 200;
  private static final int SAMPLE_PER_CELL = 64;
  private static final int MOST_CELLS = 1024;
  private static final int CROWDED = 4;

  private NeighbourSearch() {}

  /**
   * Searches.
   *
   * @param points cached; vectors of length 1
   * @param measures takes what is found out about the search: {@code neighbours_recall}, {@code
   *     neighbours_probes}, {@code neighbours_duplicate_distance}
   */
  static JavaPairRDD<Long, Nearest> of(
      JavaRDD<Point> points,
      DetectConfig.Neighbours config,
      long seed,
      ObjDoubleConsumer<String> measures) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(points.context());
    long rows = points.count();
    List<Point> queries = sampled(points, rows, PROBED);
    List<Nearest> truth = exact(spark, points, queries, config.k());
    float ceiling = duplicateFloor(truth, config.duplicate());
    measures.accept("neighbours_duplicate_distance", 1 - ceiling);
    if (rows <= config.exactBelow()) {
      measures.accept("neighbours_recall", 1);
      return exhaustive(spark, points, config.k(), ceiling);
    }
    int cells = (int) Math.min(MOST_CELLS, Math.max(2, rows / config.cellRows()));
    List<Point> sample = sampled(points, rows, cells * SAMPLE_PER_CELL);
    Cells index = Cells.of(sample.stream().map(Point::vector).toArray(float[][]::new), cells, seed);
    Broadcast<Cells> shared = spark.broadcast(index);
    int probes = probes(index, points, shared, queries, truth, config, measures);
    int[] pieces = pieces(points, shared, index.count(), config.cellRows() * CROWDED);
    return inCells(points, shared, pieces, probes, config.k(), ceiling);
  }

  /** About so many points, the same in every run, by key. */
  private static List<Point> sampled(JavaRDD<Point> points, long rows, int wanted) {
    long bound = rows <= wanted ? Long.MAX_VALUE : (long) ((double) wanted / rows * Long.MAX_VALUE);
    List<Point> sample =
        new ArrayList<>(points.filter(p -> (mixed(p.key()) & Long.MAX_VALUE) <= bound).collect());
    sample.sort(Comparator.comparingLong(Point::key));
    return sample;
  }

  private static long mixed(long key) {
    long z = (key ^ key >>> 33) * 0xff51afd7ed558ccdL;
    return (z ^ z >>> 33) * 0xc4ceb9fe1a85ec53L;
  }

  /** The true neighbours of a few points, near-duplicates among them. */
  private static List<Nearest> exact(
      JavaSparkContext spark, JavaRDD<Point> points, List<Point> queries, int k) {
    if (queries.isEmpty()) {
      return List.of();
    }
    Broadcast<List<Point>> shared = spark.broadcast(queries);
    return points
        .mapPartitions(
            part -> {
              List<Point> base = new ArrayList<>();
              part.forEachRemaining(base::add);
              return List.of(new ArrayList<>(Block.of(base).nearest(shared.value(), k, 2f)))
                  .iterator();
            })
        .treeReduce(
            (a, b) -> {
              ArrayList<Nearest> merged = new ArrayList<>();
              for (int i = 0; i < a.size(); i++) {
                merged.add(a.get(i).merge(b.get(i), k));
              }
              return merged;
            });
  }

  /** The similarity from which a row is a near-duplicate. */
  private static float duplicateFloor(List<Nearest> truth, double share) {
    double[] distances =
        truth.stream()
            .filter(n -> n.keys().length > 0)
            .mapToDouble(n -> 1 - n.similarities()[0])
            .sorted()
            .toArray();
    double median = distances.length == 0 ? 0 : distances[distances.length / 2];
    return (float) (1 - Math.max(1e-6, share * median));
  }

  private static JavaPairRDD<Long, Nearest> exhaustive(
      JavaSparkContext spark, JavaRDD<Point> points, int k, float ceiling) {
    List<Point> all = new ArrayList<>(points.collect());
    all.sort(Comparator.comparingLong(Point::key));
    Broadcast<List<Point>> shared = spark.broadcast(all);
    return points.mapPartitionsToPair(
        part -> {
          List<Point> queries = new ArrayList<>();
          part.forEachRemaining(queries::add);
          return paired(queries, Block.of(shared.value()).nearest(queries, k, ceiling)).iterator();
        });
  }

  private static List<Tuple2<Long, Nearest>> paired(List<Point> queries, List<Nearest> nearest) {
    return IntStream.range(0, queries.size())
        .mapToObj(i -> new Tuple2<>(queries.get(i).key(), nearest.get(i)))
        .toList();
  }

  /** The fewest cells that hold the wanted share of the true neighbours. */
  private static int probes(
      Cells index,
      JavaRDD<Point> points,
      Broadcast<Cells> shared,
      List<Point> queries,
      List<Nearest> truth,
      DetectConfig.Neighbours config,
      ObjDoubleConsumer<String> measures) {
    Map<Long, Integer> wanted = new HashMap<>();
    truth.forEach(n -> Arrays.stream(n.keys()).forEach(key -> wanted.put(key, 0)));
    Map<Long, Integer> cellOf =
        points
            .filter(p -> wanted.containsKey(p.key()))
            .mapToPair(p -> new Tuple2<>(p.key(), shared.value().cell(p.vector())))
            .collectAsMap();
    int most = Math.min(config.mostProbes(), index.count());
    double[] found = new double[most + 1];
    double all = 0;
    for (int i = 0; i < queries.size(); i++) {
      int[] order = index.nearest(queries.get(i).vector(), most);
      for (long key : truth.get(i).keys()) {
        int cell = cellOf.get(key);
        int rank = IntStream.range(0, most).filter(r -> order[r] == cell).findFirst().orElse(most);
        found[rank]++;
        all++;
      }
    }
    int probes = 1;
    double recall = found[0] / Math.max(1, all);
    while (probes < most && recall < config.recall()) {
      recall += found[probes] / Math.max(1, all);
      probes++;
    }
    measures.accept("neighbours_recall", recall);
    measures.accept("neighbours_probes", probes);
    return probes;
  }

  private static int[] pieces(JavaRDD<Point> points, Broadcast<Cells> shared, int cells, int most) {
    long[] sizes =
        points.treeAggregate(
            new long[cells],
            (counts, p) -> {
              counts[shared.value().cell(p.vector())]++;
              return counts;
            },
            (a, b) -> {
              Arrays.setAll(a, i -> a[i] + b[i]);
              return a;
            });
    return Arrays.stream(sizes).mapToInt(size -> (int) ((size + most - 1) / most)).toArray();
  }

  private static JavaPairRDD<Long, Nearest> inCells(
      JavaRDD<Point> points,
      Broadcast<Cells> shared,
      int[] pieces,
      int probes,
      int k,
      float ceiling) {
    JavaPairRDD<Long, Point> lists =
        points.mapToPair(
            p -> new Tuple2<>(slot(shared.value().cell(p.vector()), pieces, p.key()), p));
    JavaPairRDD<Long, Point> queries =
        points.flatMapToPair(
            p ->
                Arrays.stream(shared.value().nearest(p.vector(), probes))
                    .filter(cell -> pieces[cell] > 0)
                    .mapToObj(cell -> new Tuple2<>(slot(cell, pieces, p.key()), p))
                    .iterator());
    int partitions = Math.max(points.getNumPartitions(), pieces.length / 8 + 1);
    return lists
        .cogroup(queries, partitions)
        .flatMapToPair(
            cell -> {
              List<Point> base = new ArrayList<>();
              cell._2()._1().forEach(base::add);
              if (base.isEmpty()) {
                return List.<Tuple2<Long, Nearest>>of().iterator();
              }
              List<Point> asking = new ArrayList<>();
              cell._2()._2().forEach(asking::add);
              return paired(asking, Block.of(base).nearest(asking, k, ceiling)).iterator();
            })
        .reduceByKey((a, b) -> a.merge(b, k), partitions);
  }

  private static long slot(int cell, int[] pieces, long key) {
    return (long) cell << Integer.SIZE
        | Math.floorMod(mixed(key), (long) Math.max(1, pieces[cell]));
  }

  /** Points to be searched, as one block. */
  private record Block(List<Point> points, DotBlock dots) implements Serializable {

    static Block of(List<Point> points) {
      return new Block(
          points,
          points.isEmpty()
              ? null
              : new DotBlock(points.stream().map(Point::vector).toArray(float[][]::new)));
    }

    /** The nearest of each query but itself, below a similarity. */
    List<Nearest> nearest(List<Point> queries, int k, float ceiling) {
      List<Nearest> found = new ArrayList<>(queries.size());
      if (points.isEmpty()) {
        queries.forEach(query -> found.add(Nearest.NONE));
        return found;
      }
      long[] keys = points.stream().mapToLong(Point::key).toArray();
      int[] labels = points.stream().mapToInt(Point::label).toArray();
      for (Point query : queries) {
        found.add(kept(query, dots.dots(query.vector()), keys, labels, k, ceiling));
      }
      return found;
    }

    private static Nearest kept(
        Point query, float[] dots, long[] keys, int[] labels, int k, float ceiling) {
      Nearest.Collector collector = new Nearest.Collector(k);
      float floor = Float.NEGATIVE_INFINITY;
      for (int j = 0; j < dots.length; j++) {
        if (dots[j] >= floor && dots[j] < ceiling && keys[j] != query.key()) {
          collector.offer(dots[j], keys[j], labels[j]);
          floor = collector.floor();
        }
      }
      return collector.nearest();
    }
  }
}
