package io.recant.spark;

import io.recant.core.config.PipelineConfig;
import io.recant.core.manifest.Provenance;
import io.recant.spark.progress.Progress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;

/** A run in a temporary folder, and what its steps say while they run. */
public final class TestRun {

  private final SparkSession spark;
  private final String root;
  private final List<String> notes = new ArrayList<>();

  public TestRun(SparkSession spark, Path root) {
    this.spark = spark;
    this.root = root.toUri().toString();
  }

  /** The run's folder. */
  public RunDirectory directory() {
    return RunDirectory.open(root, "run", spark.sparkContext().hadoopConfiguration());
  }

  /** What there is of locks in a run's folder. */
  public static List<Path> locks(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("manifests"))) {
      return files.filter(file -> file.getFileName().toString().contains("run.lock")).toList();
    }
  }

  /** What was said since the last call. */
  public List<String> notes() {
    List<String> said = List.copyOf(notes);
    notes.clear();
    return said;
  }

  /**
   * Runs a step of a pipeline.
   *
   * @param pipeline the steps in order; all are known
   * @param overrides as on the command line
   */
  public StepRunner.Outcome run(Step<?> step, List<Step<?>> pipeline, String... overrides) {
    List<String> all = new ArrayList<>();
    all.add("run.root=" + root);
    all.add("run.id=run");
    all.add("steps=" + pipeline.stream().map(s -> s.name()).toList());
    all.addAll(List.of(overrides));
    PipelineConfig config =
        PipelineConfig.parse(
            "{}", "test", all, pipeline.stream().map(s -> (String) s.name()).toList());
    return runner(config).run(step, pipeline);
  }

  /** Runs a step that is a pipeline by itself. */
  public StepRunner.Outcome run(Step<?> step, String... overrides) {
    return run(step, List.<Step<?>>of(step), overrides);
  }

  private StepRunner runner(PipelineConfig config) {
    Provenance provenance =
        new Provenance("test", "none", "17", Map.of(), "any", spark.sparkContext().master());
    return new StepRunner(
        spark, config, directory(), provenance, Clock.systemUTC(), new Recorded());
  }

  private final class Recorded implements Progress {

    @Override
    public void note(String message) {
      notes.add(message);
    }

    @Override
    public Task begin(String what, long total, String unit) {
      LongAccumulator counter = spark.sparkContext().longAccumulator();
      return new Task() {
        @Override
        public LongAccumulator counter() {
          return counter;
        }

        @Override
        public void close() {
          notes.add(what + ": " + counter.sum() + " of " + total + " " + unit);
        }
      };
    }
  }
}
