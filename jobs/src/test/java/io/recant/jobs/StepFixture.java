package io.recant.jobs;

import io.recant.core.config.PipelineConfig;
import io.recant.core.manifest.Manifest;
import io.recant.core.manifest.Provenance;
import io.recant.core.table.Table;
import io.recant.spark.progress.ConsoleProgress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepRunner;
import io.recant.spark.table.TableReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Steps run for a test as the command line runs them, on two local threads. */
public final class StepFixture implements AutoCloseable {

  private final SparkSession spark =
      SparkSession.builder()
          .master("local[2]")
          .config("spark.ui.enabled", "false")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.sql.shuffle.partitions", "3")
          .getOrCreate();
  private final Path root;

  /** A fixture whose runs are kept under {@code root}. */
  public StepFixture(Path root) {
    this.root = root;
    spark.sparkContext().setLogLevel("ERROR");
  }

  /** A finished run. */
  public record Result(SparkSession spark, RunDirectory run) {

    /** The committed rows of a table. */
    public Dataset<Row> table(Table table) {
      return TableReader.read(spark, run, table);
    }

    /** Row count and content hash of every table a step wrote. */
    public Map<String, String> contents(String step) {
      Map<String, String> contents = new TreeMap<>();
      manifest(step)
          .tables()
          .forEach((name, e) -> contents.put(name, e.rows() + "/" + e.contentHash()));
      return contents;
    }

    /** One measure of a model on some rows, by method. */
    public Map<String, Double> scores(String model, String metric, String split) {
      Map<String, Double> values = new TreeMap<>();
      table(Table.SCORES)
          .where("model = '%s' and metric = '%s' and split = '%s'".formatted(model, metric, split))
          .collectAsList()
          .forEach(row -> values.put(row.getAs("method"), row.getAs("value")));
      return values;
    }

    /** The manifest of a committed step. */
    public Manifest manifest(String step) {
      return run.manifest(step).orElseThrow();
    }
  }

  /** The session. */
  public SparkSession spark() {
    return spark;
  }

  /** Runs steps in order; {@code sections} is the YAML below {@code run} and {@code steps}. */
  public Result run(String id, String sections, Step<?>... steps) {
    return run(id, sections, List.of(), steps);
  }

  /** The same with {@code key=value} overrides, as {@code --set} takes them. */
  public Result run(String id, String sections, List<String> overrides, Step<?>... steps) {
    return run(root.toString(), id, sections, overrides, List.of(steps));
  }

  /** Runs steps in order under a folder of any filesystem. */
  public Result runAt(String root, String id, String sections, List<Step<?>> steps) {
    return run(root, id, sections, List.of(), steps);
  }

  private Result run(
      String root, String id, String sections, List<String> overrides, List<Step<?>> all) {
    List<String> names = all.stream().map(Step::name).toList();
    String yaml = "run: {id: %s, root: '%s'}%nsteps: %s%n%s".formatted(id, root, names, sections);
    PipelineConfig config = PipelineConfig.parse(yaml, "test", overrides, names);
    RunDirectory run = RunDirectory.open(root, id, spark.sparkContext().hadoopConfiguration());
    StepRunner runner =
        new StepRunner(
            spark,
            config,
            run,
            new Provenance("test", "test", "test", Map.of(), "test", "local"),
            Clock.systemUTC(),
            new ConsoleProgress(
                spark.sparkContext(),
                new PrintStream(OutputStream.nullOutputStream()),
                Clock.systemUTC(),
                false));
    for (Step<?> step : all) {
      runner.run(step, all);
    }
    return new Result(spark, run);
  }

  @Override
  public void close() {
    spark.stop();
  }
}
