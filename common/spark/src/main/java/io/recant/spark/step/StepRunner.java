package io.recant.spark.step;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.PipelineConfig;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.error.RecantException;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.manifest.Provenance;
import io.recant.core.redact.Redaction;
import io.recant.core.table.Table;
import io.recant.spark.observe.Activity;
import io.recant.spark.observe.RecantMetrics;
import io.recant.spark.progress.Progress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.run.RunLock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one step at most once: skips it when it is committed with the same configuration and inputs,
 * refuses it when it is committed with others, and otherwise removes leftovers, runs it and
 * commits.
 */
public final class StepRunner {

  private static final Logger LOG = LoggerFactory.getLogger(StepRunner.class);

  /** How a step ended. */
  public enum Outcome {
    /** It ran and is committed now. */
    COMMITTED,
    /** It was committed already, from the same configuration and inputs. */
    ALREADY_COMMITTED
  }

  private final SparkSession spark;
  private final PipelineConfig config;
  private final RunDirectory run;
  private final Provenance provenance;
  private final Clock clock;
  private final Progress progress;
  private final RecantMetrics metrics;

  public StepRunner(
      SparkSession spark,
      PipelineConfig config,
      RunDirectory run,
      Provenance provenance,
      Clock clock,
      Progress progress) {
    this.spark = spark;
    this.config = config;
    this.run = run;
    this.provenance = provenance;
    this.clock = clock;
    this.metrics = RecantMetrics.of(spark.sparkContext());
    this.progress = new ObservedProgress(progress, spark.sparkContext(), metrics);
  }

  /**
   * Runs a step.
   *
   * @param knownSteps every step there is, to know who writes what
   * @throws ConfigException when the step is committed with another configuration or other inputs,
   *     or an input is missing
   */
  public <C extends Record> Outcome run(Step<C> step, List<Step<?>> knownSteps) {
    Instant started = clock.instant();
    Outcome outcome = null;
    try {
      outcome = runAtMostOnce(step, knownSteps, started);
    } finally {
      count(step.name(), outcome, Duration.between(started, clock.instant()));
    }
    return outcome;
  }

  /** A step without an outcome has failed. */
  private void count(String step, Outcome outcome, Duration time) {
    if (outcome == null) {
      metrics.failed(step, time);
    } else if (outcome == Outcome.COMMITTED) {
      metrics.committed(step, time);
    } else {
      metrics.skipped();
    }
  }

  private <C extends Record> Outcome runAtMostOnce(
      Step<C> step, List<Step<?>> knownSteps, Instant started) {
    C settings = SettingsBinder.bind(config.section(step.name()), step.settings(), step.name());
    step.check(settings);
    JsonNode resolved = Redaction.tree(SettingsBinder.unbind(settings));
    String configHash = Json.hash(Map.of("config", resolved, "run", runSettings()));
    // Where a step reads a path, the setting is called that, in whatever source.
    List<String> paths = resolved.findValuesAsText("path");
    try (Activity activity =
        Activity.ofStep(spark.sparkContext(), config.run().id(), step.name(), configHash, paths)) {
      return logged(
          step.name(),
          () -> runAtMostOnce(step, settings, resolved, configHash, knownSteps, started));
    }
  }

  /** The outcome of a step, in the log as well, also where there is none. */
  private Outcome logged(String step, Supplier<Outcome> work) {
    String runId = config.run().id();
    try {
      Outcome outcome = work.get();
      LOG.info("step {} of run {}: {}", step, runId, outcome);
      return outcome;
    } catch (Exception e) { // Spark throws checked exceptions that Java does not know of
      LOG.error("step {} of run {} failed: {}", step, runId, Redaction.text(e.toString()));
      throw e;
    }
  }

  private <C extends Record> Outcome runAtMostOnce(
      Step<C> step,
      C settings,
      JsonNode resolved,
      String configHash,
      List<Step<?>> knownSteps,
      Instant started) {
    StepInputs declared = new StepInputs(config, run, knownSteps);
    Map<Table, Table> readable = declared.readable(step, settings);
    Map<String, String> inputs = declared.manifests(step, readable.values());
    if (isCommitted(step.name(), resolved, configHash, inputs)) {
      return Outcome.ALREADY_COMMITTED;
    }
    try (RunLock lock = RunLock.acquire(run, step.name(), clock)) {
      if (isCommitted(step.name(), resolved, configHash, inputs)) {
        // The process that held the lock a moment ago has done it.
        return Outcome.ALREADY_COMMITTED;
      }
      removeLeftovers(step, settings);
      StepContext context =
          new StepContext(
              spark,
              run,
              step.name(),
              config.run().seed(),
              config.run().shards(),
              clock,
              progress,
              readable,
              step.writes(settings));
      run(step, settings, context);
      lock.check();
      Manifest manifest = manifest(step, settings, resolved, configHash, inputs, context, started);
      run.commit(manifest);
      manifest.tables().forEach((table, entry) -> metrics.rows(table, entry.rows()));
      return Outcome.COMMITTED;
    }
  }

  private <C extends Record> void run(Step<C> step, C settings, StepContext context) {
    try {
      step.run(settings, context);
    } catch (Exception e) {
      // Spark throws checked exceptions that its methods do not declare.
      Optional<RecantException> known = FailedJob.explain(e, run);
      if (known.isPresent()) {
        throw known.get();
      }
      throw e instanceof RuntimeException unexpected
          ? unexpected
          : new IllegalStateException("step " + step.name() + " failed: " + e.getMessage(), e);
    }
  }

  private ObjectNode runSettings() {
    ObjectNode node = SettingsBinder.unbind(config.run());
    return node.without(List.of("id", "root"));
  }

  private boolean isCommitted(
      String step, JsonNode resolved, String configHash, Map<String, String> inputs) {
    Optional<Manifest> committed = run.manifest(step);
    committed.ifPresent(m -> refuseUnlessSame(step, m, resolved, configHash, inputs));
    return committed.isPresent();
  }

  private static void refuseUnlessSame(
      String step,
      Manifest committed,
      JsonNode resolved,
      String configHash,
      Map<String, String> inputs) {
    if (!committed.configHash().equals(configHash)) {
      throw new ConfigException(
          "step "
              + step
              + " is committed in run '"
              + committed.runId()
              + "' with another configuration ("
              + ConfigDifference.describe(committed.config(), resolved)
              + "); a run directory is written once, so choose another --run-id");
    }
    if (!committed.inputs().equals(inputs)) {
      throw new ConfigException(
          "step "
              + step
              + " is committed in run '"
              + committed.runId()
              + "' from other inputs: it read "
              + committed.inputs().keySet()
              + " as they were then, and they are not the ones committed now");
    }
  }

  private <C extends Record> void removeLeftovers(Step<C> step, C settings) {
    int removed = 0;
    for (Table table : step.writes(settings)) {
      removed += run.removeLeftovers(table);
    }
    if (removed > 0) {
      progress.note(
          "removed "
              + removed
              + " files that an interrupted "
              + step.name()
              + " had left uncommitted");
    }
  }

  private <C extends Record> Manifest manifest(
      Step<C> step,
      C settings,
      JsonNode resolved,
      String configHash,
      Map<String, String> inputs,
      StepContext context,
      Instant started) {
    Map<String, Manifest.TableEntry> tables = new TreeMap<>();
    for (Table table : step.writes(settings)) {
      Manifest.TableEntry entry = context.written().get(table);
      if (entry == null) {
        throw new IllegalStateException(
            "step " + step.name() + " declares " + table.tableName() + " but never wrote it");
      }
      tables.put(table.tableName(), entry);
    }
    List<Manifest.FileEntry> artifacts = new ArrayList<>();
    for (Path path : context.artifacts()) {
      artifacts.addAll(run.list(path));
    }
    return new Manifest(
        Manifest.FORMAT,
        step.name(),
        config.run().id(),
        inputs,
        resolved,
        configHash,
        config.run().seed(),
        tables,
        artifacts,
        context.measures(),
        provenance,
        started,
        clock.instant());
  }
}
