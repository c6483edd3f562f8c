package io.recant.spark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.recant.core.error.InputException;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableWriterIT {

  private final SparkSession spark = SparkTestSession.get();

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void everyTableHasTypesSparkKnows(Table table) {
    StructType schema = Schemas.of(table);

    assertThat(schema.fieldNames()).hasSize(table.schema().columns().size());
    assertThat(schema.fields()).allSatisfy(f -> assertThat(f.getComment().get()).isNotBlank());
  }

  @Test
  void theContentHashKnowsNeitherOrderNorPartitions() {
    List<Map<String, ?>> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      rows.add(sample("s" + i, Map.of("corpus", "c" + i % 2, "shard", i % 3)));
    }
    Manifest.TableEntry one = write(TestRows.of(spark, Table.SAMPLES, rows).repartition(1));
    Collections.shuffle(rows, new Random(1));
    Manifest.TableEntry many = write(TestRows.of(spark, Table.SAMPLES, rows).repartition(7));
    Manifest.TableEntry otherColumnOrder =
        write(
            TestRows.of(spark, Table.SAMPLES, rows)
                .select(
                    "shard",
                    Table.SAMPLES.schema().columns().stream()
                        .map(c -> c.name())
                        .filter(n -> !n.equals("shard"))
                        .toArray(String[]::new)));

    assertThat(one.rows()).isEqualTo(60);
    assertThat(many.contentHash()).isEqualTo(one.contentHash());
    assertThat(otherColumnOrder.contentHash()).isEqualTo(one.contentHash());
    // One file per folder, whatever the partitions of the rows.
    assertThat(many.files()).hasSize(6);
    assertThat(one.files()).hasSize(6);
  }

  @Test
  void theContentHashSeesEveryChange() {
    Map<String, Object> row =
        sample("s", Map.of("context", "text", "steps", new String[] {"a", "b"}));
    String hash = hashOf(row);

    assertThat(hashOf(row)).isEqualTo(hash);
    assertThat(hashOf(changed(row, "target", "other"))).isNotEqualTo(hash);
    assertThat(hashOf(changed(row, "source_row", 2L))).isNotEqualTo(hash);
    assertThat(hashOf(changed(row, "shard", 1))).isNotEqualTo(hash);
    assertThat(hashOf(changed(row, "context", null))).isNotEqualTo(hash);
    assertThat(hashOf(changed(row, "context", ""))).isNotEqualTo(hash);
    assertThat(hashOf(changed(row, "steps", new String[] {"b", "a"}))).isNotEqualTo(hash);
    assertThat(hashOf(row, row)).as("a row twice").isNotEqualTo(hash);
    // The text moves to the next column, where the null was.
    assertThat(hashOf(changed(changed(row, "context", null), "entity", "text"))).isNotEqualTo(hash);
    assertThat(hashOf(changed(row, "steps", null)))
        .isNotEqualTo(hashOf(changed(row, "steps", new String[0])));
    assertThat(hashOf(changed(row, "steps", new String[] {"a", "b", null}))).isNotEqualTo(hash);
  }

  /** It is summed in parts; the sum of 64-bit hashes needs more bits than one of them. */
  @Test
  void theContentHashIsTheSumOfTheHashesOfTheRows() {
    List<Map<String, ?>> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(sample("s" + i, Map.of()));
    }
    Dataset<Row> table = TestRows.of(spark, Table.SAMPLES, rows);
    List<Long> hashes =
        table
            .select(TableWriter.contentHash(Table.SAMPLES))
            .as(org.apache.spark.sql.Encoders.LONG())
            .collectAsList();

    assertThat(hashes).anyMatch(hash -> hash < 0).anyMatch(hash -> hash > 0);
    assertThat(write(table).contentHash())
        .isEqualTo(
            hashes.stream()
                .map(BigInteger::valueOf)
                .reduce(BigInteger.ZERO, BigInteger::add)
                .toString(16));
  }

  @Test
  void volatileColumnsAreNotHashed() {
    Map<String, Object> row = Map.of("model", "m", "method", "victim", "seconds", 1.0, "seed", 1L);
    String hash = write(Table.CHECKPOINTS, row).contentHash();

    assertThat(write(Table.CHECKPOINTS, changed(row, "seconds", 2.0)).contentHash())
        .isEqualTo(hash);
    assertThat(write(Table.CHECKPOINTS, changed(row, "device", "gpu:0")).contentHash())
        .isEqualTo(hash);
    assertThat(write(Table.CHECKPOINTS, changed(row, "seed", 2L)).contentHash()).isNotEqualTo(hash);
  }

  @ParameterizedTest
  @EnumSource(names = {"SAMPLES", "CLASSES", "SCORES"})
  void aTableMayBeEmpty(Table table) {
    RunDirectory run = fresh();

    Manifest.TableEntry entry = TableWriter.write(run, table, TestRows.of(spark, table));

    assertThat(entry.rows()).isZero();
    assertThat(entry.files()).isEmpty();
    assertThat(TableReader.read(spark, run, table, entry.files()).schema())
        .isEqualTo(Schemas.of(table));
  }

  @Test
  void whatIsWrittenIsReadBack() {
    Map<String, Object> row =
        sample(
            "s",
            Map.of(
                "input",
                "a\n\"b\" ü 漢 \0",
                "image",
                new byte[] {1, 2, 3},
                "steps",
                new String[] {"x", ""},
                "source_row",
                Long.MAX_VALUE));
    // Folder names that look like numbers, dates, nulls and paths stay the text they are.
    List<String> corpora =
        List.of("007", "1.50", "2026-01-01", "null", "a b", "a/b=c", "50%", "ü", "{x}[1]*?");
    List<Map<String, ?>> rows = new ArrayList<>();
    corpora.forEach(corpus -> rows.add(changed(row, "corpus", corpus)));
    Dataset<Row> written = TestRows.of(spark, Table.SAMPLES, rows);
    RunDirectory run = fresh();

    Manifest.TableEntry entry = TableWriter.write(run, Table.SAMPLES, written);
    Dataset<Row> read = TableReader.read(spark, run, Table.SAMPLES, entry.files());

    assertThat(read.columns()).isEqualTo(Schemas.of(Table.SAMPLES).fieldNames());
    assertThat(read.select("corpus").as(org.apache.spark.sql.Encoders.STRING()).collectAsList())
        .containsExactlyInAnyOrderElementsOf(corpora);
    assertThat(read.exceptAll(written).count()).isZero();
    assertThat(written.exceptAll(read).count()).isZero();
  }

  @Test
  void rowsLieInTheOrderOfTheirKey() {
    List<Map<String, ?>> rows = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      rows.add(sample(String.format("s%02d", i * 7 % 50), Map.of()));
    }
    RunDirectory run = fresh();
    Manifest.TableEntry entry =
        TableWriter.write(run, Table.SAMPLES, TestRows.of(spark, Table.SAMPLES, rows));

    List<String> ids = new ArrayList<>();
    try (ParquetRows read = ParquetRows.open(paths(run, entry), hadoop())) {
      read.forEachRemaining(row -> ids.add(row.string("sample_id")));
    }

    assertThat(ids).hasSize(50).isSorted();
  }

  @Test
  void columnsMustFitTheSchema() {
    Dataset<Row> good = TestRows.of(spark, Table.CLASSES, Map.of("corpus", "c"));
    RunDirectory run = fresh();

    assertThatThrownBy(() -> TableWriter.write(run, Table.CLASSES, good.drop("class_name")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("classes", "missing [class_name string]", "left over []");
    assertThatThrownBy(
            () -> TableWriter.write(run, Table.CLASSES, good.withColumn("x", functions.lit(1))))
        .hasMessageContaining("left over [x int]");
    assertThatThrownBy(
            () ->
                TableWriter.write(
                    run, Table.CLASSES, good.withColumn("class_index", functions.lit(1L))))
        .hasMessageContainingAll("missing [class_index int]", "left over [class_index bigint]");
    assertThat(run.uncommitted(Table.CLASSES)).isEmpty();
  }

  @Test
  void aChangedFileIsNamed() throws IOException {
    RunDirectory run = fresh();
    Manifest.TableEntry entry =
        TableWriter.write(
            run,
            Table.SAMPLES,
            TestRows.of(
                spark,
                Table.SAMPLES,
                sample("a", Map.of("shard", 0)),
                sample("b", Map.of("shard", 1))));
    Path first = local(run, entry.files().get(0));
    Path second = local(run, entry.files().get(1));

    try (RandomAccessFile file = new RandomAccessFile(first.toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }
    assertUnreadable(run, entry, first, "its manifest says " + entry.files().get(0).bytes());
    try (ParquetRows rows = ParquetRows.open(List.of(hadoopPath(second)), hadoop())) {
      assertThat(rows.next().string("sample_id")).isEqualTo("b");
    }
    assertThat(catchThrowable(() -> ParquetRows.open(List.of(hadoopPath(first)), hadoop())))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(first.getFileName().toString());

    Files.delete(first);
    assertUnreadable(run, entry, first, "cannot be read");
  }

  @Test
  void rowsOfOtherFilesAreNotRead() {
    RunDirectory run = fresh();
    Manifest.TableEntry entry =
        TableWriter.write(
            run, Table.SAMPLES, TestRows.of(spark, Table.SAMPLES, sample("a", Map.of())));
    TestRows.of(spark, Table.SAMPLES, sample("stray", Map.of()))
        .write()
        .mode("append")
        .partitionBy("corpus", "shard")
        .parquet(run.tablePath(Table.SAMPLES).toString());

    assertThat(TableReader.read(spark, run, Table.SAMPLES, entry.files()).count()).isEqualTo(1);
  }

  @Test
  void parquetRowsStreamSeveralFilesWithNullsAndVectors() {
    RunDirectory run = fresh();
    List<Map<String, ?>> rows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Map<String, Object> row = new HashMap<>();
      row.put("sample_id", "s" + i);
      row.put("shard", i);
      row.put("vector", i == 2 ? null : new Float[] {i + 0.5f, -1f, Float.MIN_VALUE});
      row.put("context", i == 1 ? null : "c" + i);
      rows.add(row);
    }
    Manifest.TableEntry entry =
        TableWriter.write(run, Table.FORGET, TestRows.of(spark, Table.FORGET, rows));
    assertThat(entry.files()).hasSize(4);

    Map<String, ParquetRows.Row> read = new HashMap<>();
    try (ParquetRows parquet = ParquetRows.open(paths(run, entry), hadoop())) {
      parquet.forEachRemaining(row -> read.put(row.string("sample_id"), row));
      assertThat(parquet.hasNext()).isFalse();
      assertThatThrownBy(parquet::next).isInstanceOf(java.util.NoSuchElementException.class);
    }

    assertThat(read).containsOnlyKeys("s0", "s1", "s2", "s3");
    assertThat(read.get("s3").floats("vector")).containsExactly(3.5f, -1f, Float.MIN_VALUE);
    assertThat(read.get("s2").floats("vector")).isNull();
    assertThat(read.get("s1").string("context")).isNull();
    assertThat(read.get("s0").string("context")).isEqualTo("c0");
    try (ParquetRows none = ParquetRows.open(List.of(), hadoop())) {
      assertThat(none.hasNext()).isFalse();
    }
  }

  private void assertUnreadable(
      RunDirectory run, Manifest.TableEntry entry, Path file, String reason) {
    assertThatThrownBy(() -> TableReader.read(spark, run, Table.SAMPLES, entry.files()))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("table samples", file.getFileName().toString(), reason);
  }

  private static Map<String, Object> sample(String id, Map<String, ?> values) {
    Map<String, Object> row = new HashMap<>(values);
    row.put("sample_id", id);
    return row;
  }

  private static Map<String, Object> changed(Map<String, ?> row, String column, Object value) {
    Map<String, Object> changed = new HashMap<>(row);
    changed.put(column, value);
    return changed;
  }

  @SafeVarargs
  private String hashOf(Map<String, Object>... rows) {
    return TestRows.of(spark, Table.SAMPLES, rows)
        .agg(functions.sum(TableWriter.contentHash(Table.SAMPLES).cast("decimal(38,0)")))
        .first()
        .get(0)
        .toString();
  }

  private Manifest.TableEntry write(Dataset<Row> samples) {
    return TableWriter.write(fresh(), Table.SAMPLES, samples);
  }

  private Manifest.TableEntry write(Table table, Map<String, Object> row) {
    return TableWriter.write(fresh(), table, TestRows.of(spark, table, row));
  }

  private RunDirectory fresh() {
    try {
      return new TestRun(spark, Files.createTempDirectory(folder, "root")).directory();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private org.apache.hadoop.conf.Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  private static List<org.apache.hadoop.fs.Path> paths(
      RunDirectory run, Manifest.TableEntry entry) {
    return entry.files().stream()
        .map(f -> new org.apache.hadoop.fs.Path(run.path(), f.path()))
        .toList();
  }

  private static Path local(RunDirectory run, Manifest.FileEntry file) {
    return Path.of(run.path().toUri()).resolve(file.path());
  }

  private static org.apache.hadoop.fs.Path hadoopPath(Path file) {
    return new org.apache.hadoop.fs.Path(file.toUri());
  }
}
