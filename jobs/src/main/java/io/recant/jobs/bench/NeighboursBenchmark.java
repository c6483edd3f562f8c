package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.vector.Metric;
import io.recant.core.vector.Nearest;
import io.recant.jobs.neighbour.NeighbourConfig;
import io.recant.jobs.neighbour.NeighbourSearch;
import io.recant.jobs.neighbour.Neighbours;
import io.recant.jobs.neighbour.VectorRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The neighbour search against exact search on the same vectors in the same run, and how its time
 * grows. Exact search compares every pair once, in blocks, with the same products, and serves both
 * rows of a pair by it. Vectors are drawn from the seed; rows are in memory when time begins. On a
 * busy machine compare seconds of processor time.
 */
public final class NeighboursBenchmark implements Benchmark<NeighboursBenchmark.Settings> {

  private static final StructType TIMES =
      (StructType)
          DataType.fromDDL(
              "rows bigint, dims int, k int, metric string, cells int, probes int,"
                  + " recall_of_sample double, recall double, seconds double, exact_seconds double,"
                  + " speedup double, exponent_so_far double, cpu_seconds double, exact_cpu_seconds double,"
                  + " cpu_exponent_so_far double, peak_heap_mb bigint");
  private static final int WARM_UP = 20_000;

  /** Settings of {@code neighbours}. */
  public record Settings(
      @Setting(
              value = "So many rows are searched, one size after the other",
              defaultValue = "[50000, 100000, 200000, 400000]")
          List<Long> sizes,
      @Setting(value = "Numbers of a vector", defaultValue = "384", min = 2, max = 8192)
          int dimensions,
      @Setting(value = "Neighbours", defaultValue = "25", min = 1, max = 500) int k,
      @Setting(value = "How far apart two vectors are", defaultValue = "cosine") Metric metric,
      @Setting(
              value = "Up to so many rows exact search is measured too",
              defaultValue = "200000",
              min = 0)
          long exactUpTo,
      @Setting(
              value = "Share of the true neighbours the search aims to find",
              defaultValue = "0.96",
              min = 0.1,
              max = 1)
          double recall,
      @Setting(value = "Rows of an average cell", defaultValue = "400", min = 16, max = 10000)
          int cellRows) {}

  @Override
  public String name() {
    return "neighbours";
  }

  @Override
  public String summary() {
    return "Recall, speed and growth of the neighbour search, against exact search.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    search(settings, WARM_UP, 0, context).release().run();
    List<Row> rows = new ArrayList<>();
    List<double[]> times = new ArrayList<>();
    List<double[]> work = new ArrayList<>();
    for (long size : settings.sizes()) {
      rows.add(measured(settings, size, times, work, context));
      context.table("neighbours", context.spark().createDataFrame(rows, TIMES));
    }
  }

  private static Row measured(
      Settings settings,
      long size,
      List<double[]> times,
      List<double[]> work,
      BenchContext context) {
    context.note(size + " rows");
    Search search = search(settings, size, 0, context);
    times.add(new double[] {size, search.seconds()});
    work.add(new double[] {size, search.cpuSeconds()});
    Double recall = null;
    Double exactWork = null;
    Double exactSeconds = null;
    if (size <= settings.exactUpTo()) {
      Search exact = search(settings, size, size, context);
      recall = recall(search.neighbours(), exact.neighbours());
      exactSeconds = exact.seconds();
      exactWork = exact.cpuSeconds();
      exact.release().run();
    }
    search.release().run();
    return RowFactory.create(
        size,
        settings.dimensions(),
        settings.k(),
        settings.metric().toString().toLowerCase(java.util.Locale.ROOT),
        search.measures().get("neighbours_cells").intValue(),
        search.measures().get("neighbours_probes").intValue(),
        search.measures().get("neighbours_recall"),
        recall,
        search.seconds(),
        exactSeconds,
        exactSeconds == null ? null : exactSeconds / search.seconds(),
        Growth.exponent(times),
        search.cpuSeconds(),
        exactWork,
        Growth.exponent(work),
        search.heap() >> 20);
  }

  private record Search(
      Neighbours neighbours,
      Map<String, Double> measures,
      double seconds,
      double cpuSeconds,
      long heap) {

    Runnable release() {
      return neighbours.release();
    }
  }

  private static Search search(
      Settings settings, long size, long exactBelow, BenchContext context) {
    JavaRDD<VectorRow> rows =
        DrawnVectors.of(
                JavaSparkContext.fromSparkContext(context.spark().sparkContext()),
                size,
                settings.dimensions(),
                context.seed())
            .persist(StorageLevel.MEMORY_AND_DISK());
    rows.count();
    NeighbourConfig config =
        new NeighbourConfig(
            settings.k(),
            settings.metric(),
            (int) exactBelow,
            settings.recall(),
            settings.cellRows(),
            256,
            0.13);
    Map<String, Double> measures = new HashMap<>();
    List<Neighbours> found = new ArrayList<>();
    HeapPeak.reset();
    double before = ProcessTime.cpuSeconds();
    double seconds =
        context.seconds(
            () -> {
              found.add(NeighbourSearch.of(rows, config, context.seed(), measures::put));
              found.get(0).found().count();
            });
    return new Search(
        found.get(0), measures, seconds, ProcessTime.cpuSeconds() - before, HeapPeak.bytes());
  }

  private static double recall(Neighbours search, Neighbours exact) {
    double[] shared =
        search
            .found()
            .join(exact.found())
            .values()
            .map(pair -> shared(pair._1().nearest(), pair._2().nearest()))
            .reduce((a, b) -> new double[] {a[0] + b[0], a[1] + b[1]});
    return shared[0] / shared[1];
  }

  private static double[] shared(Nearest found, Nearest exact) {
    long[] keys = found.keys().clone();
    Arrays.sort(keys);
    long both = Arrays.stream(exact.keys()).filter(k -> Arrays.binarySearch(keys, k) >= 0).count();
    return new double[] {both, exact.keys().length};
  }
}
