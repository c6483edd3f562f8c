package io.recant.spark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.step.StepRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepRunnerIT {

  private final SparkSession spark = SparkTestSession.get();
  private final AtomicInteger runs = new AtomicInteger();

  @TempDir private Path folder;
  private TestRun run;

  /** Writes {@code rows} classes. */
  private final FakeStep classes =
      FakeStep.source(
          "classes",
          Table.CLASSES,
          (config, context) -> {
            runs.incrementAndGet();
            context.write(Table.CLASSES, TestRows.classes(spark, config.rows()));
            context.measure("rows", config.rows());
          });

  @BeforeEach
  void begin() {
    run = new TestRun(spark, folder);
  }

  @Test
  void aStepIsDoneOnce() throws IOException {
    assertThat(run.run(classes)).isEqualTo(Outcome.COMMITTED);
    byte[] manifest = Json.bytes(run.directory().manifest("classes").orElseThrow());

    assertThat(run.run(classes)).isEqualTo(Outcome.ALREADY_COMMITTED);

    assertThat(runs).hasValue(1);
    assertThat(Json.bytes(run.directory().manifest("classes").orElseThrow())).isEqualTo(manifest);
    assertThat(run.directory().rows(Table.CLASSES)).isEqualTo(3);
    assertThat(TestRun.locks(folder.resolve("run"))).isEmpty();
  }

  @Test
  void theManifestSaysFromWhat() {
    run.run(classes, "classes.rows=2", "run.seed=7");

    Manifest manifest = run.directory().manifest("classes").orElseThrow();

    assertThat(manifest.step()).isEqualTo("classes");
    assertThat(manifest.runId()).isEqualTo("run");
    assertThat(manifest.seed()).isEqualTo(7);
    assertThat(manifest.config().at("/rows").intValue()).isEqualTo(2);
    assertThat(manifest.config().at("/parts").isArray()).isTrue();
    assertThat(manifest.measures()).containsEntry("rows", 2.0);
    assertThat(manifest.inputs()).isEmpty();
    assertThat(manifest.finished()).isAfterOrEqualTo(manifest.started());
    Manifest.TableEntry entry = manifest.tables().get("classes");
    assertThat(entry.rows()).isEqualTo(2);
    assertThat(entry.files())
        .isNotEmpty()
        .allSatisfy(
            file -> assertThat(folder.resolve("run").resolve(file.path())).hasSize(file.bytes()));
  }

  @Test
  void anotherConfigurationIsRefusedWithItsKey() {
    run.run(classes, "classes.parts=[{rate: 0.1}, {rate: 0.2}]");

    assertThatThrownBy(
            () -> run.run(classes, "classes.rows=5", "classes.parts=[{rate: 0.1}, {rate: 0.2}]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("step classes", "run 'run'", "rows: 3 -> 5", "--run-id");
    assertThatThrownBy(() -> run.run(classes, "classes.parts=[{rate: 0.1}, {rate: 0.3}]"))
        .hasMessageContaining("(parts[1].rate: 0.2 -> 0.3)");
    assertThatThrownBy(
            () -> run.run(classes, "classes.parts=[{rate: 0.1}, {rate: 0.2}]", "run.seed=1"))
        .hasMessageContaining("seed");
    assertThat(runs).hasValue(1);
  }

  @Test
  void defaultsWrittenOutAreTheSameConfiguration() {
    run.run(classes);

    assertThat(run.run(classes, "classes.rows=3", "classes.parts=[]", "run.seed=42"))
        .isEqualTo(Outcome.ALREADY_COMMITTED);
  }

  @Test
  void changedInputsAreRefused() throws IOException {
    FakeStep reader = reader(Table.CLASSES);
    List<Step<?>> pipeline = List.of(classes, reader);
    run.run(classes, pipeline);
    run.run(reader, pipeline);
    assertThat(run.run(reader, pipeline)).isEqualTo(Outcome.ALREADY_COMMITTED);
    Manifest committed = run.directory().manifest("reader").orElseThrow();
    assertThat(committed.inputs())
        .containsExactly(
            Map.entry("classes", Json.hash(run.directory().manifest("classes").orElseThrow())));

    Files.delete(folder.resolve("run/manifests/classes.json"));
    run.run(classes, pipeline, "classes.rows=4");

    assertThatThrownBy(() -> run.run(reader, pipeline, "classes.rows=4"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("step reader", "other inputs", "classes");
  }

  @Test
  void aMissingInputSaysWhichStepToRun() {
    FakeStep reader = reader(Table.CLASSES);

    assertThatThrownBy(() -> run.run(reader, List.of(classes, reader)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "step reader reads classes", "step classes writes", "run it first");
  }

  @Test
  void samplesAreTheDamagedOnesWhereErrorsAreInjected() {
    FakeStep ingest =
        FakeStep.source("ingest", Table.SAMPLES, (c, context) -> writeSample(context, "clean"));
    FakeStep inject =
        new FakeStep(
            "inject",
            Set.of(Table.SAMPLES),
            Set.of(Table.DAMAGED),
            true,
            (c, context) -> {
              assertThat(target(context)).isEqualTo("clean");
              context.write(
                  Table.DAMAGED,
                  TestRows.of(spark, Table.DAMAGED, Map.of("sample_id", "s", "target", "wrong")));
            });
    List<String> seen = new ArrayList<>();
    FakeStep judge = samplesReader("judge", false, seen);
    FakeStep measurer = samplesReader("measurer", true, seen);
    List<Step<?>> pipeline = List.of(ingest, inject, judge, measurer);

    pipeline.forEach(step -> run.run(step, pipeline));

    assertThat(seen).containsExactly("judge: wrong", "measurer: clean");
    assertThat(run.directory().manifest("judge").orElseThrow().inputs()).containsOnlyKeys("inject");
    assertThat(run.directory().manifest("measurer").orElseThrow().inputs())
        .containsOnlyKeys("ingest");

    TestRun undamaged = new TestRun(spark, folder.resolve("undamaged"));
    List<Step<?>> shorter = List.of(ingest, judge);
    shorter.forEach(step -> undamaged.run(step, shorter));
    assertThat(seen).endsWith("judge: clean");
  }

  private FakeStep reader(Table table) {
    return new FakeStep(
        "reader",
        Set.of(table),
        Set.of(Table.ANNOTATIONS),
        false,
        (config, context) -> {
          assertThat(context.read(table).count()).isPositive();
          context.write(Table.ANNOTATIONS, TestRows.of(spark, Table.ANNOTATIONS));
        });
  }

  private FakeStep samplesReader(String name, boolean originals, List<String> seen) {
    return new FakeStep(
        name,
        Set.of(Table.SAMPLES),
        Set.of(),
        originals,
        (config, context) -> seen.add(name + ": " + target(context)));
  }

  private static String target(StepContext context) {
    return context.read(Table.SAMPLES).select("target").first().getString(0);
  }

  private void writeSample(StepContext context, String target) {
    context.write(
        Table.SAMPLES,
        TestRows.of(spark, Table.SAMPLES, Map.of("sample_id", "s", "target", target)));
  }
}
