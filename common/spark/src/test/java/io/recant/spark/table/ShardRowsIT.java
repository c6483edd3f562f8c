package io.recant.spark.table;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.run.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardRowsIT {

  private static final int SHARDS = 5;
  private static final int ROWS = 400;

  private final SparkSession spark = SparkTestSession.get();

  @TempDir private Path folder;

  private RunDirectory run;
  private Dataset<Row> made;
  private Dataset<Row> read;

  @BeforeEach
  void write() {
    List<Map<String, ?>> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      // No row is in shard 3; every ninth has no probabilities.
      rows.add(
          Map.of(
              "sample_id",
              "s%03d".formatted(i),
              "model",
              i % 2 == 0 ? "a" : "b",
              "corpus",
              "c" + i % 3,
              "shard",
              i % 4 == 3 ? 4 : i % 4,
              "loss",
              (double) i));
    }
    made =
        TestRows.of(spark, Table.PREDICTIONS, rows)
            .withColumn(
                "probabilities",
                org.apache.spark.sql.functions.expr(
                    "if(loss % 9 = 0, null, transform(sequence(1, 1 + cast(loss as int) % 7),"
                        + " k -> cast(k * loss as float)))"));
    run = new TestRun(spark, folder).directory();
    Manifest.TableEntry entry = TableWriter.write(run, Table.PREDICTIONS, made);
    read = TableReader.read(spark, run, Table.PREDICTIONS, entry.files());
  }

  @Test
  void committedRowsAreReadShardByShardAndDoNotMove() {
    JavaRDD<InternalRow> whole =
        ShardRows.of(read.select("probabilities", "shard", "sample_id"), SHARDS);
    JavaRDD<InternalRow> filtered =
        ShardRows.of(
            read.where("model = 'a'").select("probabilities", "shard", "sample_id"), SHARDS);

    assertThat(whole.toDebugString()).doesNotContain("Shuffled");
    assertThat(filtered.toDebugString()).doesNotContain("Shuffled");
    assertThat(seen(whole)).containsExactlyInAnyOrderElementsOf(expected(made));
    assertThat(seen(filtered))
        .containsExactlyInAnyOrderElementsOf(expected(made.where("model = 'a'")));
  }

  @Test
  void otherRowsAreBroughtToTheirShard() {
    JavaRDD<InternalRow> rows =
        ShardRows.of(made.repartition(3).select("probabilities", "shard", "sample_id"), SHARDS);

    assertThat(rows.toDebugString()).contains("Shuffled");
    assertThat(seen(rows)).containsExactlyInAnyOrderElementsOf(expected(made));
  }

  @Test
  void placedRowsStayWhereTheyAreAndAreWrittenOnce() {
    Dataset<Row> even = made.where("loss % 2 = 0").repartitionById(SHARDS, col("shard"));
    Dataset<Row> odd = made.where("loss % 2 = 1").repartitionById(SHARDS, col("shard"));

    Dataset<Row> together = ShardRows.together(List.of(even, odd), SHARDS);
    RunDirectory other = new TestRun(spark, folder.resolve("other")).directory();
    Manifest.TableEntry placed = TableWriter.write(other, Table.PREDICTIONS, together, true);
    Manifest.TableEntry moved =
        TableWriter.write(
            new TestRun(spark, folder.resolve("moved")).directory(), Table.PREDICTIONS, made);

    assertThat(together.queryExecution().executedPlan().toString()).doesNotContain("Exchange");
    assertThat(seen(ShardRows.of(together.select("probabilities", "shard", "sample_id"), SHARDS)))
        .containsExactlyInAnyOrderElementsOf(expected(made));
    assertThat(placed.contentHash()).isEqualTo(moved.contentHash());
    assertThat(placed.rows()).isEqualTo(ROWS);
    // One file for each corpus and shard, as where rows were moved.
    assertThat(placed.files()).hasSameSizeAs(moved.files());
    assertThatThrownBy(() -> ShardRows.together(List.of(made.repartition(3)), SHARDS))
        .hasMessageContaining("3 partitions where there are 5 shards");
  }

  /** Partition, id and probabilities of every row. */
  private static List<String> seen(JavaRDD<InternalRow> rows) {
    return rows.mapPartitionsWithIndex(ShardRowsIT::shown, false).collect();
  }

  private static Iterator<String> shown(int partition, Iterator<InternalRow> rows) {
    List<String> shown = new ArrayList<>();
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      String numbers =
          row.isNullAt(0) ? "none" : java.util.Arrays.toString(row.getArray(0).toFloatArray());
      assertThat(row.getInt(1)).isEqualTo(partition);
      shown.add(partition + " " + row.getUTF8String(2) + " " + numbers);
    }
    return shown.iterator();
  }

  private static List<String> expected(Dataset<Row> rows) {
    return rows.select("shard", "sample_id", "probabilities").collectAsList().stream()
        .map(
            row ->
                row.getInt(0)
                    + " "
                    + row.getString(1)
                    + " "
                    + (row.isNullAt(2) ? "none" : row.getList(2).toString()))
        .toList();
  }
}
