package io.recant.spark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.BusyException;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.run.RunLock;
import io.recant.spark.step.StepRunner.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
            writeClasses(context, config.rows());
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
  void whatADyingStepLeavesDoesNotCount() throws IOException {
    FakeStep dying =
        new FakeStep(
            "two",
            Set.of(),
            Set.of(Table.CLASSES, Table.SAMPLES),
            false,
            (config, context) -> {
              writeClasses(context, config.rows());
              if (runs.incrementAndGet() == 1) {
                throw new StepException("dies before samples");
              }
              context.write(Table.SAMPLES, TestRows.of(spark, Table.SAMPLES));
            });
    assertThatThrownBy(() -> run.run(dying)).hasMessage("dies before samples");
    Path halfWritten = folder.resolve("run/samples/corpus=c/shard=0/part.parquet");
    Files.createDirectories(halfWritten.getParent());
    Files.writeString(halfWritten, "PAR1");
    int left = run.directory().uncommitted(Table.CLASSES).size();
    assertThat(left).isPositive();
    assertThat(run.directory().manifest("two")).isEmpty();
    assertThat(run.directory().rows(Table.CLASSES)).isZero();
    assertThat(run.directory().files(Table.CLASSES)).isEmpty();

    assertThat(run.run(dying)).isEqualTo(Outcome.COMMITTED);

    assertThat(run.notes())
        .containsExactly(
            "removed " + (left + 1) + " files that an interrupted two had left uncommitted");
    assertThat(run.directory().uncommitted(Table.CLASSES)).isEmpty();
    assertThat(halfWritten).doesNotExist();
    assertThat(run.directory().rows(Table.CLASSES)).isEqualTo(3);
    assertThat(run.directory().rows(Table.SAMPLES)).isZero();
  }

  /** Another step's committed files in the same table are no leftovers. */
  @Test
  void leftoversAreRemovedBesideCommittedFiles() {
    AtomicInteger tries = new AtomicInteger();
    FakeStep second =
        FakeStep.source(
            "second",
            Table.CLASSES,
            (config, context) -> {
              writeClasses(context, 5);
              if (tries.incrementAndGet() == 1) {
                throw new StepException("dies");
              }
            });
    List<Step<?>> pipeline = List.of(classes, second);
    run.run(classes, pipeline);
    List<Manifest.FileEntry> committed = run.directory().files(Table.CLASSES);
    assertThatThrownBy(() -> run.run(second, pipeline)).hasMessage("dies");

    run.run(second, pipeline);

    assertThat(run.directory().rows(Table.CLASSES)).isEqualTo(8);
    assertThat(run.directory().files(Table.CLASSES)).containsAll(committed);
    assertThat(run.directory().list(run.directory().tablePath(Table.CLASSES)))
        .containsExactlyElementsOf(run.directory().files(Table.CLASSES));
  }

  @Test
  void undeclaredTablesAreRefused() {
    FakeStep curious =
        FakeStep.source("curious", Table.CLASSES, (c, context) -> context.read(Table.INJECTIONS));
    FakeStep streaming =
        FakeStep.source("streaming", Table.CLASSES, (c, context) -> context.files(Table.SAMPLES));
    FakeStep asking =
        FakeStep.source("asking", Table.CLASSES, (c, context) -> context.has(Table.SAMPLES));
    FakeStep writing =
        FakeStep.source(
            "writing",
            Table.CLASSES,
            (c, context) -> context.write(Table.SAMPLES, TestRows.of(spark, Table.SAMPLES)));

    assertRefused(curious, "step curious does not declare that it reads injections");
    assertRefused(streaming, "step streaming does not declare that it reads samples");
    assertRefused(asking, "step asking does not declare that it reads samples");
    assertRefused(writing, "step writing does not declare that it writes samples");
  }

  @Test
  void aDeclaredTableIsWrittenExactlyOnce() {
    FakeStep lazy = FakeStep.source("lazy", Table.CLASSES, (config, context) -> {});
    FakeStep eager =
        FakeStep.source(
            "eager",
            Table.CLASSES,
            (config, context) -> {
              writeClasses(context, 1);
              writeClasses(context, 1);
            });
    FakeStep early =
        FakeStep.source("early", Table.CLASSES, (c, context) -> context.readBack(Table.CLASSES));

    assertRefused(lazy, "step lazy declares classes but never wrote it");
    assertRefused(eager, "step eager has already written classes");
    assertRefused(early, "step early has not written classes yet");
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

  @Test
  void aTruncatedManifestIsNone() throws IOException {
    run.run(classes);
    Path manifest = folder.resolve("run/manifests/classes.json");
    byte[] whole = Files.readAllBytes(manifest);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      Files.write(manifest, Arrays.copyOf(whole, length));
      assertThat(run.directory().manifest("classes")).as("%d bytes", length).isEmpty();
      assertThat(run.directory().rows(Table.CLASSES)).isZero();
    }

    assertThat(run.run(classes)).isEqualTo(Outcome.COMMITTED);

    assertThat(runs).hasValue(2);
    assertThat(run.directory().rows(Table.CLASSES)).isEqualTo(3);
  }

  /** Nothing of a run that a newer version wrote may be taken for leftovers. */
  @Test
  void aNewerManifestIsRefusedAndKept() throws IOException {
    run.run(classes);
    Path manifest = folder.resolve("run/manifests/classes.json");
    String newer =
        Files.readString(manifest)
            .replace("\"format\" : 1", "\"format\" : 2, \"added\" : {\"later\" : true}");
    Files.delete(folder.resolve("run/manifests/.classes.json.crc"));
    Files.writeString(manifest, newer);
    List<Manifest.FileEntry> files = run.directory().list(run.directory().tablePath(Table.CLASSES));

    assertThatThrownBy(() -> run.run(classes))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("classes.json", "format 2", "reads up to 1");
    assertThat(manifest).hasContent(newer);
    assertThat(run.directory().list(run.directory().tablePath(Table.CLASSES))).isEqualTo(files);

    Files.writeString(manifest, "{\"format\": 1, \"something\": \"else\"}");
    assertThatThrownBy(() -> run.run(classes))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not a manifest");
  }

  @Test
  void aRunThatIsBeingWrittenIsBusy() {
    try (RunLock lock = RunLock.acquire(run.directory(), "other", Clock.systemUTC())) {
      assertThatThrownBy(() -> run.run(classes)).isInstanceOf(BusyException.class);
      lock.check();
    }
    assertThat(runs).hasValue(0);
    assertThat(run.run(classes)).isEqualTo(Outcome.COMMITTED);
  }

  @Test
  void aStepThatLostItsLockCommitsNothing() {
    FakeStep robbed =
        FakeStep.source(
            "robbed",
            Table.CLASSES,
            (config, context) -> {
              writeClasses(context, 1);
              removeLocks();
            });

    assertThatThrownBy(() -> run.run(robbed))
        .isInstanceOf(BusyException.class)
        .hasMessageContainingAll("is gone", "robbed");
    assertThat(run.directory().manifest("robbed")).isEmpty();
  }

  private void removeLocks() {
    try {
      for (Path lock : TestRun.locks(folder.resolve("run"))) {
        Files.delete(lock);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertRefused(FakeStep step, String message) {
    assertThatThrownBy(() -> run.run(step))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThat(run.directory().manifest(step.name())).isEmpty();
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

  private void writeClasses(StepContext context, int rows) {
    context.write(
        Table.CLASSES,
        TestRows.of(
            spark,
            Table.CLASSES,
            IntStream.range(0, rows)
                .mapToObj(i -> Map.of("class_index", i, "class_name", "c" + i))
                .toList()));
  }
}
