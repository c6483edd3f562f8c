package io.recant.jobs.neighbour;

import io.recant.core.vector.CellGroup;
import io.recant.core.vector.Metric;
import io.recant.core.vector.Nearest;
import io.recant.core.vector.Neighbourhood;
import io.recant.core.vector.Point;
import io.recant.core.vector.VectorFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * The k nearest neighbours of every row, in time nearly linear in the rows. Rows lie in cells of
 * bounded size ({@link TreeGrowth}); each looks into the cells nearest to it, as many as it takes
 * to find the wanted share of the true neighbours of a sample of rows, and two rows find each other
 * when either looks into the other's cell. Up to a number of rows every pair is compared.
 *
 * <p>Near-duplicates are not neighbours: a copy of a row would only vouch for the same mistake. The
 * few nearest are told apart.
 *
 * <p>Rows whose vector has another length than most, is not finite, or has no direction under
 * {@link Metric#COSINE}, have no neighbours. What is found does not depend on how rows are
 * partitioned.
 */
public final class NeighbourSearch {

  private static final int QUERIES = 600;
  private static final int BLOCK = 1024;
  private static final int NEAR_DUPLICATES = 8;
  private static final int FRAME_ROWS = 10_000;
  private static final int MOST_CROWDED = 4;
  private static final float EQUAL = 1e-6f;
  private static final double MOST_CHANCE = 1e-3;

  /** Standard errors that the recall of a sample is to lie above what is wanted. */
  private static final double SURE = 1.64;

  private NeighbourSearch() {}

  /**
   * Searches.
   *
   * @param rows every key once
   * @param measures takes what is found out about the search: {@code neighbours_recall}, of a
   *     sample of rows against exact search; {@code neighbours_probes} and {@code neighbours_cells}
   *     where there are cells; {@code neighbours_duplicate_distance}
   */
  public static Neighbours of(
      JavaRDD<VectorRow> rows,
      NeighbourConfig config,
      long seed,
      ObjDoubleConsumer<String> measures) {
    JavaRDD<VectorRow> cached = rows.persist(StorageLevel.MEMORY_AND_DISK());
    VectorFrame frame = frame(cached, config.metric());
    JavaRDD<Point> points =
        cached.map(row -> point(frame, row)).filter(point -> point.vector().length > 0);
    Copies copies = Copies.of(points, config.k() + 1, config.cellRows());
    JavaRDD<Point> searched = copies.searched(points);
    long count = copies.searchedRows();
    List<Point> queries = Sampling.of(searched, count, QUERIES);
    List<Nearest> truth = truth(searched, queries, config.k() + NEAR_DUPLICATES);
    float ceiling = ceiling(truth, config.duplicate(), frame);
    measures.accept("neighbours_duplicate_distance", frame.distance(ceiling));
    Neighbourhood.Bounds bounds = new Neighbourhood.Bounds(config.k(), NEAR_DUPLICATES, ceiling);
    Route route =
        count <= config.exactBelow()
            ? EveryPair.of(count)
            : inCells(searched, count, config, seed, queries, truth, ceiling, measures);
    if (route instanceof EveryPair) {
      measures.accept("neighbours_recall", 1);
    }
    JavaPairRDD<Long, Neighbourhood> found =
        GroupSearch.of(searched, count, route, bounds).persist(StorageLevel.MEMORY_AND_DISK());
    return new Neighbours(
        copies.completed(points, found),
        frame,
        () -> {
          cached.unpersist();
          found.unpersist();
        });
  }

  private static Point point(VectorFrame frame, VectorRow row) {
    float[] placed = frame.placed(row.vector());
    return new Point(row.key(), row.label(), placed, frame.lift(placed));
  }

  /** Of the vectors of the most frequent length; of several, the longest. */
  private static VectorFrame frame(JavaRDD<VectorRow> rows, Metric metric) {
    Map<Integer, Long> lengths = rows.map(row -> row.vector().length).countByValue();
    int dimensions =
        lengths.entrySet().stream()
            .max(
                Map.Entry.<Integer, Long>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .orElse(0);
    long count = lengths.values().stream().mapToLong(Long::longValue).sum();
    List<VectorRow> sample =
        metric == Metric.COSINE
            ? List.of()
            : new ArrayList<>(
                rows.filter(
                        row ->
                            row.vector().length == dimensions
                                && Sampling.draws(row.key(), count, FRAME_ROWS))
                    .collect());
    return VectorFrame.of(
        metric,
        sample.stream()
            .sorted(java.util.Comparator.comparingLong(VectorRow::key))
            .map(VectorRow::vector)
            .toList(),
        dimensions);
  }

  /** The true neighbours of a few points, near-duplicates among them. */
  private static List<Nearest> truth(JavaRDD<Point> points, List<Point> queries, int most) {
    if (queries.isEmpty()) {
      return List.of();
    }
    Broadcast<List<Point>> shared =
        JavaSparkContext.fromSparkContext(points.context()).broadcast(queries);
    Neighbourhood.Bounds bounds = new Neighbourhood.Bounds(most, 1, Float.POSITIVE_INFINITY);
    HashMap<Long, Nearest> found =
        points
            .mapPartitions(
                part -> {
                  CellGroup group = new CellGroup(bounds);
                  shared.value().forEach(query -> group.add(0, query));
                  List<CellGroup.Visitor> block = new ArrayList<>();
                  while (part.hasNext()) {
                    block.add(new CellGroup.Visitor(part.next(), new int[] {0}));
                    if (block.size() == BLOCK || !part.hasNext()) {
                      group.search(block);
                      block.clear();
                    }
                  }
                  HashMap<Long, Nearest> own = new HashMap<>();
                  group.learnt((key, n) -> own.put(key, n.nearest()));
                  return List.of(own).iterator();
                })
            .treeReduce(
                (a, b) -> {
                  b.forEach((key, n) -> a.merge(key, n, (x, y) -> x.merge(y, most)));
                  return a;
                });
    return queries.stream().map(query -> found.get(query.key())).toList();
  }

  /**
   * The similarity from which a row is a near-duplicate. In few dimensions rows lie near by chance:
   * there only equal ones are.
   */
  private static float ceiling(List<Nearest> truth, double share, VectorFrame frame) {
    if (frame.chance(share) > MOST_CHANCE) {
      return 1 - EQUAL;
    }
    double[] distances =
        truth.stream()
            .filter(n -> n.keys().length > 0)
            .mapToDouble(n -> frame.distance(n.similarities()[0]))
            .sorted()
            .toArray();
    double median = distances.length == 0 ? 0 : distances[distances.length / 2];
    return Math.min(1 - EQUAL, (float) frame.similarity(share * median));
  }

  private static Route inCells(
      JavaRDD<Point> points,
      long rows,
      NeighbourConfig config,
      long seed,
      List<Point> queries,
      List<Nearest> truth,
      float ceiling,
      ObjDoubleConsumer<String> measures) {
    TreeGrowth growth = TreeGrowth.of(points, config.metric(), rows, config.cellRows(), seed);
    int most = Math.min(config.mostProbes(), growth.tree().cells());
    CellRoute widest =
        new CellRoute(growth.tree(), growth.sizes(), MOST_CROWDED * config.cellRows(), most);
    double[][] found = ranks(points, widest, most, queries, neighbours(truth, config.k(), ceiling));
    int probes = 0;
    double recall = 0;
    double error;
    do {
      probes++;
      int within = probes;
      double[] shares =
          Arrays.stream(found)
              .mapToDouble(
                  ranks ->
                      Arrays.stream(ranks).filter(r -> r < within).count() / (double) ranks.length)
              .toArray();
      double mean = Arrays.stream(shares).average().orElse(1);
      recall = mean;
      error =
          Math.sqrt(
              Arrays.stream(shares).map(x -> (x - mean) * (x - mean)).sum()
                  / Math.max(1, shares.length)
                  / Math.max(1, shares.length));
    } while (probes < most && recall - SURE * error < config.recall());
    measures.accept("neighbours_recall", recall);
    measures.accept("neighbours_probes", probes);
    measures.accept("neighbours_cells", growth.tree().cells());
    return widest.with(probes);
  }

  private static List<long[]> neighbours(List<Nearest> truth, int k, float ceiling) {
    return truth.stream()
        .map(
            n ->
                IntStream.range(0, n.keys().length)
                    .filter(i -> n.similarities()[i] < ceiling)
                    .limit(k)
                    .mapToLong(i -> n.keys()[i])
                    .toArray())
        .toList();
  }

  /**
   * Of every row that has neighbours, and of each of them, the number of probes that just misses
   * it; {@code most} where all do.
   */
  private static double[][] ranks(
      JavaRDD<Point> points,
      CellRoute route,
      int most,
      List<Point> queries,
      List<long[]> neighbours) {
    HashMap<Long, Boolean> wanted = new HashMap<>();
    neighbours.forEach(keys -> Arrays.stream(keys).forEach(key -> wanted.put(key, true)));
    Broadcast<CellRoute> shared =
        JavaSparkContext.fromSparkContext(points.context()).broadcast(route);
    Map<Long, int[]> slots =
        points
            .filter(p -> wanted.containsKey(p.key()))
            .mapToPair(p -> new Tuple2<>(p.key(), shared.value().slots(p)))
            .collectAsMap();
    return IntStream.range(0, queries.size())
        .filter(i -> neighbours.get(i).length > 0)
        .mapToObj(
            i -> {
              int[] own = route.slots(queries.get(i));
              return Arrays.stream(neighbours.get(i))
                  .mapToDouble(
                      key -> {
                        int[] other = slots.get(key);
                        return Math.min(rank(own, other[0], most), rank(other, own[0], most));
                      })
                  .toArray();
            })
        .toArray(double[][]::new);
  }

  private static int rank(int[] slots, int slot, int most) {
    return IntStream.range(0, slots.length).filter(i -> slots[i] == slot).findFirst().orElse(most);
  }
}
