package io.recant.jobs.cli;

import io.recant.core.config.PipelineConfig;
import io.recant.core.manifest.Provenance;
import io.recant.spark.progress.ConsoleProgress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepRunner;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** One Spark application over one run: steps run in it, tables are read in it. */
final class Session implements AutoCloseable {

  private final SparkSession spark;
  private final boolean owned;
  private final PipelineConfig config;
  private final Extensions extensions;
  private final RunDirectory run;
  private final PrintStream out;
  private final Clock clock = Clock.systemUTC();

  private Session(
      SparkSession spark,
      boolean owned,
      PipelineConfig config,
      Extensions extensions,
      RunDirectory run,
      PrintStream out) {
    this.spark = spark;
    this.owned = owned;
    this.config = config;
    this.extensions = extensions;
    this.run = run;
    this.out = out;
  }

  /**
   * Starts or joins a Spark application.
   *
   * @param master Spark's master; null takes what spark-submit set, or this machine's cores
   */
  static Session open(
      PipelineConfig config, String master, Extensions extensions, PrintStream out) {
    boolean running =
        SparkSession.getActiveSession().isDefined() || SparkSession.getDefaultSession().isDefined();
    SparkSession spark =
        running ? SparkSession.active() : spark("recant " + config.run().id(), master);
    try {
      RunDirectory run =
          RunDirectory.open(
              config.run().root(), config.run().id(), spark.sparkContext().hadoopConfiguration());
      return new Session(spark, !running, config, extensions, run, out);
    } catch (RuntimeException e) {
      if (!running) {
        spark.stop();
      }
      throw e;
    }
  }

  /**
   * Spark as every command uses it; the session that runs already, where one does.
   *
   * @param master Spark's master; null takes what spark-submit set, or this machine's cores
   */
  static SparkSession spark(String application, String master) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .appName(application)
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", "true")
            // Corpora, detectors and tables have plans alike. Spark keeps the code of a hundred
            // operators, which one step exceeds, and would compile the same again.
            .config("spark.sql.codegen.cache.maxEntries", "1000")
            // Plans with a column per class are no reason for a warning.
            .config("spark.sql.debug.maxToStringFields", "1000");
    boolean submitted = System.getProperty("spark.master") != null;
    if (master != null) {
      builder.master(master);
    } else if (!submitted) {
      builder.master("local[*]");
    }
    if (!submitted) {
      // One JVM: no web server on the user's machine, loopback only, and no more shuffle partitions
      // than help.
      builder
          .config("spark.ui.enabled", "false")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.sql.shuffle.partitions", "8");
    }
    return builder.getOrCreate();
  }

  SparkSession spark() {
    return spark;
  }

  RunDirectory run() {
    return run;
  }

  PipelineConfig config() {
    return config;
  }

  /** Runs one step and says how that went. Returns whether it had to run. */
  <C extends Record> boolean run(Step<C> step) {
    return run(step, extensions.stepList());
  }

  /** The same beside steps that are not Recant's own, all of which are named. */
  <C extends Record> boolean run(Step<C> step, List<Step<?>> knownSteps) {
    out.println("== " + step.name());
    Instant started = clock.instant();
    ConsoleProgress progress =
        new ConsoleProgress(spark.sparkContext(), out, clock, System.console() != null);
    StepRunner runner = new StepRunner(spark, config, run, provenance(), clock, progress);
    StepRunner.Outcome outcome = runner.run(step, knownSteps);
    double seconds = Duration.between(started, clock.instant()).toMillis() / 1000.0;
    if (outcome == StepRunner.Outcome.ALREADY_COMMITTED) {
      out.println("  already committed, nothing to do");
      return false;
    }
    run.manifest(step.name())
        .orElseThrow()
        .tables()
        .forEach(
            (table, entry) -> {
              if (entry.rows() > 0) {
                out.printf(java.util.Locale.ROOT, "  %,d rows -> %s%n", entry.rows(), table);
              }
            });
    out.println("  done in " + ConsoleProgress.duration(seconds));
    return true;
  }

  @Override
  public void close() {
    if (owned) {
      spark.stop();
    }
  }

  private Provenance provenance() {
    return new Provenance(
        Version.version(),
        Version.commit(),
        System.getProperty("java.version"),
        Map.of(
            "spark", spark.version(),
            "scala", scala.util.Properties.versionNumberString(),
            "djl", Version.library("djl.version"),
            "pytorch", Version.library("pytorch.version")),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        spark.sparkContext().master());
  }
}
