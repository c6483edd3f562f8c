package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * What a run directory costs. A step that does nothing takes what its harness takes: reading the
 * configuration, the lock, the checks, the manifest. Rows are read with the checksums of their
 * pages verified, as steps read them, and without; the two take turns.
 */
public final class RunDirectoryBenchmark implements Benchmark<RunDirectoryBenchmark.Settings> {

  private static final StructType STEPS =
      StructType.fromDDL(
          "step string, times int, first_seconds double, median_seconds double, most_seconds double");
  private static final StructType READING =
      StructType.fromDDL(
          "rows bigint, megabytes double, verified_seconds double, plain_seconds double, ratio double");

  /** Settings of {@code run-directory}. */
  public record Settings(
      @Setting(value = "How often each step is run", defaultValue = "20", min = 1) int times,
      @Setting(value = "Rows of the table that is read", defaultValue = "200000", min = 1)
          int rows) {}

  @Override
  public String name() {
    return "run-directory";
  }

  @Override
  public String summary() {
    return "Time that lock, checks and manifest add to a step, and page checksums to reading.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    Step<None> nothing = new Probe("nothing", Set.of(), Set.of(), step -> {});
    Step<None> noRows =
        new Probe(
            "no-rows",
            Set.of(),
            Set.of(Table.CLASSES),
            step ->
                step.write(
                    Table.CLASSES,
                    step.spark().createDataFrame(List.of(), Schemas.of(Table.CLASSES))));
    List<Row> steps = new ArrayList<>();
    steps.add(timed("does nothing", settings.times(), nothing, i -> "nothing-" + i, context));
    steps.add(timed("is committed already", settings.times(), nothing, i -> "nothing-0", context));
    steps.add(
        timed("writes a table of no rows", settings.times(), noRows, i -> "no-rows-" + i, context));
    context.table("steps", context.spark().createDataFrame(steps, STEPS));
    context.table(
        "reading", context.spark().createDataFrame(List.of(reading(settings, context)), READING));
  }

  private static Row timed(
      String what, int times, Step<None> step, IntFunction<String> run, BenchContext context) {
    double[] seconds = new double[times];
    for (int i = 0; i < times; i++) {
      String yaml = "run: {id: %s}\nsteps: [%s]\n".formatted(run.apply(i), step.name());
      seconds[i] = context.seconds(() -> context.pipeline(yaml, step));
    }
    double first = seconds[0];
    Arrays.sort(seconds);
    return RowFactory.create(what, times, first, seconds[times / 2], seconds[times - 1]);
  }

  private static Row reading(Settings settings, BenchContext context) {
    List<Row> figures = new ArrayList<>();
    Step<None> writing =
        new Probe(
            "writing",
            Set.of(),
            Set.of(Table.PREDICTIONS),
            step -> step.write(Table.PREDICTIONS, predictions(step.spark(), settings.rows())));
    Step<None> reading =
        new Probe(
            "reading",
            Set.of(Table.PREDICTIONS),
            Set.of(),
            step -> figures.add(timedReading(settings, step, context)));
    context.pipeline("run: {id: reading}\nsteps: [writing, reading]\n", writing, reading);
    return figures.get(0);
  }

  private static Row timedReading(Settings settings, StepContext step, BenchContext context) {
    Supplier<Dataset<Row>> verified = () -> step.read(Table.PREDICTIONS);
    Supplier<Dataset<Row>> plain =
        () ->
            step.spark()
                .read()
                .schema(Schemas.of(Table.PREDICTIONS))
                .parquet(step.runDirectory().tablePath(Table.PREDICTIONS).toString());
    double[] with = new double[settings.times()];
    double[] without = new double[settings.times()];
    scan(verified);
    scan(plain);
    for (int i = 0; i < settings.times(); i++) {
      with[i] = context.seconds(() -> scan(verified));
      without[i] = context.seconds(() -> scan(plain));
    }
    Arrays.sort(with);
    Arrays.sort(without);
    double bytes =
        step.runDirectory().files(Table.PREDICTIONS).stream()
            .mapToLong(Manifest.FileEntry::bytes)
            .sum();
    int middle = settings.times() / 2;
    return RowFactory.create(
        (long) settings.rows(),
        bytes / 1e6,
        with[middle],
        without[middle],
        with[middle] / without[middle]);
  }

  /** Every column, and nothing done with it. */
  private static void scan(Supplier<Dataset<Row>> rows) {
    rows.get().write().format("noop").mode("overwrite").save();
  }

  private static Dataset<Row> predictions(SparkSession spark, int rows) {
    return spark
        .range(rows)
        .selectExpr(
            "sha2(cast(id as string), 256) as sample_id",
            "'drawn' as model",
            "cast(id % 5 as int) as fold",
            "transform(sequence(1, 25), i -> cast(sin(id * i) as float)) as probabilities",
            "cast(null as double) as loss",
            "cast(null as double) as loss_unprompted",
            "cast(null as int) as tokens",
            "cast(null as array<float>) as epoch_probability",
            "cast(null as array<float>) as epoch_margin",
            "'drawn' as corpus",
            "cast(id % 2 as int) as shard");
  }

  /** No settings. */
  public record None() {}

  /** A step of the benchmark's own. */
  private record Probe(
      String name, Set<Table> tablesRead, Set<Table> tablesWritten, Consumer<StepContext> work)
      implements Step<None> {

    @Override
    public String summary() {
      return "Written by the benchmark.";
    }

    @Override
    public Class<None> settings() {
      return None.class;
    }

    @Override
    public Set<Table> reads(None config) {
      return tablesRead;
    }

    @Override
    public Set<Table> writes(None config) {
      return tablesWritten;
    }

    @Override
    public void run(None config, StepContext context) {
      work.accept(context);
    }
  }
}
