package io.recant.jobs.neighbour;

import io.recant.core.vector.CellTree;
import io.recant.core.vector.Metric;
import io.recant.core.vector.Point;
import io.recant.spark.step.Seeds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Grows a tree of cells over rows, level by level: cells of too many rows are split by k-means on a
 * sample of their own rows, each in a task, until none is crowded. What is trained on is
 * proportional to the number of cells, and the driver sees centroids only.
 *
 * @param tree the tree
 * @param sizes rows of each of its cells
 */
record TreeGrowth(CellTree tree, long[] sizes) {

  private static final int SAMPLE_PER_CELL = 64;
  private static final int MOST_AT_ONCE = 1024;
  private static final int MOST_AT_FIRST = 32;
  private static final int ROUNDS = 6;

  /**
   * Grows.
   *
   * @param points at least one
   * @param rows how many they are
   * @param cellRows rows of an average cell; up to twice as many are not crowded
   */
  static TreeGrowth of(JavaRDD<Point> points, Metric metric, long rows, int cellRows, long seed) {
    int first =
        (int) Math.max(1, Math.min(MOST_AT_FIRST, Math.round(Math.sqrt((double) rows / cellRows))));
    CellTree tree =
        CellTree.of(
            metric,
            Sampling.vectors(Sampling.of(points, rows, (long) first * SAMPLE_PER_CELL * 2)),
            first,
            seed);
    for (int round = 0; ; round++) {
      long[] sizes = sizes(points, tree);
      Map<Integer, Integer> crowded = new HashMap<>();
      for (int cell = 0; cell < sizes.length; cell++) {
        if (sizes[cell] > 2L * cellRows) {
          crowded.put(cell, (int) Math.min(MOST_AT_ONCE, (sizes[cell] + cellRows - 1) / cellRows));
        }
      }
      if (crowded.isEmpty() || round == ROUNDS) {
        return new TreeGrowth(tree, sizes);
      }
      tree =
          tree.split(
              trained(points, tree, metric, sizes, crowded, Seeds.derive(seed, "round/" + round)));
    }
  }

  private static long[] sizes(JavaRDD<Point> points, CellTree tree) {
    Broadcast<CellTree> shared =
        JavaSparkContext.fromSparkContext(points.context()).broadcast(tree);
    return points.treeAggregate(
        new long[tree.cells()],
        (counts, p) -> {
          counts[shared.value().cell(p.vector())]++;
          return counts;
        },
        (a, b) -> {
          Arrays.setAll(a, i -> a[i] + b[i]);
          return a;
        });
  }

  private static Map<Integer, CellTree> trained(
      JavaRDD<Point> points,
      CellTree tree,
      Metric metric,
      long[] sizes,
      Map<Integer, Integer> crowded,
      long seed) {
    Broadcast<CellTree> shared =
        JavaSparkContext.fromSparkContext(points.context()).broadcast(tree);
    return new HashMap<>(
        points
            .mapToPair(p -> new Tuple2<>(shared.value().cell(p.vector()), p))
            .filter(
                p ->
                    crowded.containsKey(p._1())
                        && Sampling.draws(
                            p._2().key(),
                            sizes[p._1()],
                            (long) crowded.get(p._1()) * SAMPLE_PER_CELL))
            .groupByKey(Math.max(1, Math.min(crowded.size(), 1000)))
            .mapToPair(
                cell ->
                    new Tuple2<>(
                        cell._1(),
                        CellTree.of(
                            metric,
                            Sampling.vectors(cell._2()),
                            crowded.get(cell._1()),
                            Seeds.derive(seed, "cell/" + cell._1()))))
            .collectAsMap());
  }
}
