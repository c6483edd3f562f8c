package io.recant.spark.table;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the version after this one, and of the one before it, within a manifest format. */
class SchemaEvolutionIT {

  private final SparkSession spark = SparkTestSession.get();

  @TempDir private Path folder;
  private TestRun run;
  private List<Row> written;

  private final FakeStep ingest =
      FakeStep.source(
          "ingest",
          Table.SAMPLES,
          (config, context) ->
              context.write(
                  Table.SAMPLES,
                  TestRows.of(
                      spark,
                      Table.SAMPLES,
                      Map.of("sample_id", "a", "target", "cat", "context", "at home"),
                      Map.of("sample_id", "b", "target", "dog"))));
  private final FakeStep reader =
      new FakeStep(
          "reader",
          Set.of(Table.SAMPLES),
          Set.of(Table.CLASSES),
          false,
          (config, context) -> {
            assertThat(rows(context.read(Table.SAMPLES))).isEqualTo(written);
            context.write(Table.CLASSES, TestRows.of(spark, Table.CLASSES));
          });
  private final List<Step<?>> pipeline = List.of(ingest, reader);

  @BeforeEach
  void begin() {
    run = new TestRun(spark, folder);
    run.run(ingest, pipeline);
    written = rows(TableReader.read(spark, run.directory(), Table.SAMPLES));
    assertThat(written).hasSize(2);
  }

  @Test
  void aReaderReadsTheVersionAfterIt() throws IOException {
    rewrite(rows -> rows.withColumn("added_later", lit(7)));
    ObjectNode manifest = manifest();
    manifest.put("addedLater", "something");
    ((ObjectNode) manifest.get("provenance")).put("addedLater", "something");
    ObjectNode tables = (ObjectNode) manifest.get("tables");
    tables.set("later_table", tables.get("samples").deepCopy());
    ((ObjectNode) tables.get("samples")).put("addedLater", "something");
    write("ingest", manifest);
    ObjectNode later = manifest.deepCopy().put("step", "later_step");
    ((ObjectNode) later.get("tables")).remove("samples");
    write("later_step", later);

    Dataset<Row> samples = TableReader.read(spark, run.directory(), Table.SAMPLES);

    assertThat(samples.schema().fieldNames()).isEqualTo(Schemas.of(Table.SAMPLES).fieldNames());
    assertThat(rows(samples)).isEqualTo(written);
    assertThat(run.directory().manifests()).extracting(Manifest::step).contains("later_step");
    assertThat(run.run(ingest, pipeline)).isEqualTo(Outcome.ALREADY_COMMITTED);
    assertThat(run.run(reader, pipeline)).isEqualTo(Outcome.COMMITTED);
    // What the later version would call this input: the hash of all that it wrote.
    assertThat(run.directory().manifest("reader").orElseThrow().inputs())
        .containsEntry("ingest", Json.sha256(Files.readAllBytes(file("ingest"))));
    assertThat(run.run(reader, pipeline)).isEqualTo(Outcome.ALREADY_COMMITTED);
  }

  @Test
  void aReaderReadsTheVersionBeforeIt() throws IOException {
    rewrite(rows -> rows.drop("context"));

    Dataset<Row> samples = TableReader.read(spark, run.directory(), Table.SAMPLES);

    assertThat(samples.schema().fieldNames()).isEqualTo(Schemas.of(Table.SAMPLES).fieldNames());
    assertThat(samples.filter("context is not null").count()).isZero();
    assertThat(rows(samples.drop("context")))
        .isEqualTo(rows(spark.createDataFrame(written, Schemas.of(Table.SAMPLES)).drop("context")));
  }

  /** Puts other files in the place of those of samples, as another version would have written. */
  private void rewrite(UnaryOperator<Dataset<Row>> change) throws IOException {
    RunDirectory directory = run.directory();
    List<Manifest.FileEntry> old = directory.files(Table.SAMPLES);
    org.apache.hadoop.fs.Path table = directory.tablePath(Table.SAMPLES);
    change
        .apply(TableReader.read(spark, directory, Table.SAMPLES))
        .write()
        .mode("append")
        .partitionBy("corpus", "shard")
        .parquet(table.toString());
    for (Manifest.FileEntry file : old) {
      directory
          .fileSystem()
          .delete(new org.apache.hadoop.fs.Path(directory.path(), file.path()), false);
    }
    ObjectNode manifest = manifest();
    ArrayNode files = ((ObjectNode) manifest.at("/tables/samples")).putArray("files");
    directory.list(table).stream()
        .filter(f -> f.path().endsWith(".parquet"))
        .forEach(f -> files.addObject().put("path", f.path()).put("bytes", f.bytes()));
    assertThat(files).isNotEmpty();
    write("ingest", manifest);
  }

  private ObjectNode manifest() throws IOException {
    return (ObjectNode) Json.read(Files.readAllBytes(file("ingest")), JsonNode.class);
  }

  private void write(String step, JsonNode manifest) throws IOException {
    Files.deleteIfExists(file(step).resolveSibling("." + step + ".json.crc"));
    Files.write(file(step), Json.bytes(manifest));
  }

  private Path file(String step) {
    return folder.resolve("run/manifests/" + step + ".json");
  }

  private static List<Row> rows(Dataset<Row> rows) {
    return rows.orderBy("sample_id").collectAsList();
  }
}
