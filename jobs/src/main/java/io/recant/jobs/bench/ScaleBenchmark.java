package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * How time and memory of label scoring grow with the rows: committed tables in, findings out, all
 * of step {@code detect} with {@code confident-learning}. Start-up is what the step takes for a
 * thousand rows; the exponent is that of all its seconds.
 */
public final class ScaleBenchmark implements Benchmark<ScaleBenchmark.Settings> {

  private static final StructType TIMES =
      (StructType)
          DataType.fromDDL(
              "rows bigint, classes int, read_mib double, seconds double, start_up_seconds double,"
                  + " work_seconds double, cpu_seconds double, rows_per_second double,"
                  + " findings bigint, heap_limit_mib double, heap_live_mib double,"
                  + " exponent_so_far double");
  private static final int SHARDS = 32;
  private static final long WARM_UP = 500_000;
  private static final long FEW = 1_000;
  private static final double MIB = 1 << 20;

  /** Settings of {@code scale}. */
  public record Settings(
      @Setting(
              value = "Corpora of so many samples",
              defaultValue = "[250000, 500000, 1000000, 2000000]")
          List<Long> rows,
      @Setting(value = "Classes", defaultValue = "100", min = 2, max = 10000) int classes,
      @Setting(value = "detect.labelled of the runs: memory or files", defaultValue = "memory")
          String labelled) {}

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String summary() {
    return "Time and memory of label scoring over growing corpora.";
  }

  @Override
  public String source() {
    return "synthetic";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    List<Row> times = new ArrayList<>();
    List<double[]> points = new ArrayList<>();
    // The first run of a JVM compiles; it is not measured.
    scored(WARM_UP, settings, context);
    double startUp = RunTables.seconds(scored(FEW, settings, context), "detect");
    for (long rows : settings.rows()) {
      drawn(rows, settings, context);
      double before = ProcessTime.cpuSeconds();
      RunDirectory run = scored(rows, settings, context);
      double cpuSeconds = ProcessTime.cpuSeconds() - before;
      double seconds = RunTables.seconds(run, "detect");
      points.add(new double[] {rows, seconds});
      times.add(
          RowFactory.create(
              rows,
              settings.classes(),
              (bytes(run, Table.SAMPLES) + bytes(run, Table.PREDICTIONS)) / MIB,
              seconds,
              startUp,
              seconds - startUp,
              cpuSeconds,
              rows / seconds,
              run.rows(Table.FINDINGS),
              Runtime.getRuntime().maxMemory() / MIB,
              liveHeap() / MIB,
              Growth.exponent(points)));
      try {
        FileUtils.deleteDirectory(context.scratch().resolve("runs/rows-" + rows).toFile());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    context.table("label_scoring", context.spark().createDataFrame(times, TIMES));
  }

  private static void drawn(long rows, Settings settings, BenchContext context) {
    context.pipeline(
        pipeline(rows, settings, "[synthetic-labels]", context), new SyntheticLabels());
  }

  private static RunDirectory scored(long rows, Settings settings, BenchContext context) {
    return context.pipeline(
        pipeline(rows, settings, "[synthetic-labels, detect]", context), new SyntheticLabels());
  }

  private static String pipeline(long rows, Settings settings, String steps, BenchContext context) {
    return """
        run: {id: rows-%d, seed: %d, shards: %d}
        steps: %s
        synthetic-labels: {rows: %d, classes: %d}
        detect:
          detectors: [confident-learning]
          labelled: %s
        """
        .formatted(
            rows, context.seed(), SHARDS, steps, rows, settings.classes(), settings.labelled());
  }

  private static double bytes(RunDirectory run, Table table) {
    return run.files(table).stream().mapToLong(file -> file.bytes()).sum();
  }

  /** What was still alive after the last collection of each pool. */
  private static double liveHeap() {
    return HeapPeak.pools().stream()
        .filter(pool -> pool.getCollectionUsage() != null)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }
}
