package io.recant.spark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.BusyException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a step meets that another process, or itself in an earlier life, has left behind. */
class InterruptedStepIT {

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
          });

  @BeforeEach
  void begin() {
    run = new TestRun(spark, folder);
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
              context.write(Table.CLASSES, TestRows.classes(spark, config.rows()));
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
              context.write(Table.CLASSES, TestRows.classes(spark, 5));
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
              context.write(Table.CLASSES, TestRows.classes(spark, 1));
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
}
