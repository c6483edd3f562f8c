package io.recant.spark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.InputException;
import io.recant.core.error.RecantException;
import io.recant.core.error.StepException;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.FaultyFileSystem;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.step.StepRunner.Outcome;
import io.recant.spark.table.ParquetRows;
import io.recant.spark.table.ShardRows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What became of a run between its steps, or while one wrote, is found, named and refused. */
class DamagedRunIT {

  private static final int ROWS = 400;

  private final SparkSession spark = SparkTestSession.get();
  private final Configuration hadoop = spark.sparkContext().hadoopConfiguration();

  @TempDir private Path folder;
  private TestRun run;

  /** Writes a table and a file beside. */
  private final FakeStep writer =
      FakeStep.source(
          "writer",
          Table.SAMPLES,
          (config, context) -> {
            List<Map<String, ?>> rows = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
              rows.add(Map.of("sample_id", "s" + i, "input", "text " + i * 7919, "shard", i % 2));
            }
            context.write(Table.SAMPLES, TestRows.of(spark, Table.SAMPLES, rows));
            org.apache.hadoop.fs.Path model =
                new org.apache.hadoop.fs.Path(context.runDirectory().path(), "models/one/config");
            try {
              context.runDirectory().fileSystem().delete(model, false);
              context.runDirectory().create(model, "{}".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              throw new StepException("cannot write " + model, e);
            }
            context.artifact(model.getParent());
          });

  /** What may happen to a file. */
  enum Damage {
    DELETED("it is gone"),
    CUT_SHORT("its manifest says"),
    LENGTHENED("its manifest says"),
    CHANGED("cannot be read");

    private final String said;

    Damage(String said) {
      this.said = said;
    }

    void happenTo(Path file) throws IOException {
      // The disk itself would notice.
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      byte[] bytes = Files.readAllBytes(file);
      switch (this) {
        case DELETED -> Files.delete(file);
        case CUT_SHORT -> Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        case LENGTHENED -> Files.write(file, new byte[1], StandardOpenOption.APPEND);
        case CHANGED -> {
          // The texts stand in the middle of the file, and so does the page that holds them.
          bytes[bytes.length / 3] ^= 1;
          Files.write(file, bytes);
        }
      }
    }
  }

  @BeforeEach
  void begin() {
    run = new TestRun(spark, folder);
  }

  @AfterEach
  void heal() {
    FaultyFileSystem.heal(hadoop);
  }

  @ParameterizedTest
  @EnumSource
  void aTablesFileIsNamedToTheNextStep(Damage damage) throws IOException {
    List<FakeStep> readers =
        List.of(
            reader("rows", (c, context) -> context.read(Table.SAMPLES).collectAsList()),
            reader(
                "shards",
                (c, context) ->
                    ShardRows.of(context.read(Table.SAMPLES), 2)
                        .map(row -> row.getUTF8String(0).toString() + row.getUTF8String(2))
                        .collect()),
            reader("streamed", (c, context) -> stream(context)),
            new FakeStep(
                "copied",
                Set.of(Table.SAMPLES),
                Set.of(Table.DAMAGED),
                false,
                (c, context) -> context.write(Table.DAMAGED, context.read(Table.SAMPLES))));
    run.run(writer, List.of(writer));
    Path file = file(Table.SAMPLES);

    damage.happenTo(file);

    for (FakeStep reader : readers) {
      assertThatThrownBy(() -> run.run(reader, List.of(writer, reader)))
          .isInstanceOfSatisfying(
              InputException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
          .hasMessageContainingAll(file.getFileName().toString(), damage.said);
      assertThat(run.directory().manifest(reader.name())).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DELETED", "CUT_SHORT", "LENGTHENED"})
  void anArtefactIsNamedToTheNextStepThatReadsItsTable(Damage damage) throws IOException {
    FakeStep reader = reader("reader", (c, context) -> context.read(Table.SAMPLES));
    run.run(writer, List.of(writer));

    damage.happenTo(folder.resolve("run/models/one/config"));

    assertThatThrownBy(() -> run.run(reader, List.of(writer, reader)))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("step writer", "models/one/config", damage.said, "--run-id");
  }

  /** The disk's own checksums find what Parquet's do not cover. */
  @Test
  void whereTheFilesystemNoticesItIsSaid() throws IOException {
    FakeStep reader = reader("rows", (c, context) -> context.read(Table.SAMPLES).collectAsList());
    run.run(writer, List.of(writer));
    Path file = file(Table.SAMPLES);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 20] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> run.run(reader, List.of(writer, reader)))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(file.getFileName().toString(), "hecksum");
  }

  @Test
  void aFullDiskCommitsNothingAndARerunWithRoomDoes() throws IOException {
    FaultyFileSystem.fill(hadoop, "/samples/");

    assertThatThrownBy(() -> run.run(writer, List.of(writer)))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll(
            "cannot write", "/samples", "No space left", "nothing is committed");

    assertGivenUpAndDoneAgain();
  }

  @Test
  void whereNobodyMayWriteNothingIsCommitted() throws IOException {
    FaultyFileSystem.deny(hadoop, "/samples/");
    assertThatThrownBy(() -> run.run(writer, List.of(writer)))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("cannot write", "/samples", "Permission denied");
    assertGivenUpAndDoneAgain();
  }

  @Test
  void aManifestThatFindsNoRoomIsNone() throws IOException {
    FaultyFileSystem.fill(hadoop, "/manifests/writer.json");
    assertThatThrownBy(() -> run.run(writer, List.of(writer)))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("cannot write", "writer.json", "No space left");
    assertGivenUpAndDoneAgain();
  }

  @Test
  void whereNobodyMayLockNothingIsBegun() {
    FaultyFileSystem.deny(hadoop, "/manifests/");
    assertThatThrownBy(() -> run.run(writer, List.of(writer)))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("cannot lock", "Permission denied");
    assertThat(folder.resolve("run/samples")).doesNotExist();
  }

  /** What went wrong is then in the code, and its trace is wanted. */
  @Test
  void anErrorOfTheCodeIsNotTakenForOneOfTheDisk() {
    FakeStep wrong =
        FakeStep.source(
            "wrong",
            Table.SAMPLES,
            (c, context) ->
                context.write(
                    Table.SAMPLES,
                    TestRows.of(spark, Table.SAMPLES, Map.of("sample_id", "s"))
                        .withColumn("input", functions.raise_error(functions.lit("a fault")))
                        .withColumn("input", functions.col("input").cast("string"))));

    assertThatThrownBy(() -> run.run(wrong))
        .isNotInstanceOf(RecantException.class)
        .hasStackTraceContaining("a fault");
    assertThat(run.directory().manifest("wrong")).isEmpty();
  }

  private void assertGivenUpAndDoneAgain() throws IOException {
    assertThat(run.directory().manifest("writer")).isEmpty();
    assertThat(run.directory().rows(Table.SAMPLES)).isZero();
    assertThat(TestRun.locks(folder.resolve("run"))).isEmpty();

    FaultyFileSystem.heal(hadoop);

    assertThat(run.run(writer, List.of(writer))).isEqualTo(Outcome.COMMITTED);
    assertThat(run.directory().rows(Table.SAMPLES)).isEqualTo(ROWS);
    assertThat(run.directory().uncommitted(Table.SAMPLES)).isEmpty();
    try (Stream<Path> files = Files.walk(folder.resolve("run/samples"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
          .hasSameSizeAs(run.directory().files(Table.SAMPLES));
    }
  }

  private static void stream(StepContext context) {
    try (ParquetRows rows =
        ParquetRows.open(
            context.files(Table.SAMPLES), context.spark().sparkContext().hadoopConfiguration())) {
      rows.forEachRemaining(row -> row.string("input"));
    }
  }

  private static FakeStep reader(String name, BiConsumer<FakeStep.Config, StepContext> body) {
    return new FakeStep(name, Set.of(Table.SAMPLES), Set.of(), false, body);
  }

  private Path file(Table table) {
    return folder.resolve("run").resolve(run.directory().files(table).get(0).path());
  }
}
