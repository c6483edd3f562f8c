package io.recant.spark.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.error.StepException;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.core.table.TableSchema;
import io.recant.spark.run.RunDirectory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Writes a table: columns checked against its schema, one file per partition, rows ordered by key,
 * counted and hashed as they pass.
 */
public final class TableWriter {

  private static final String PROTOCOL = "spark.sql.sources.commitProtocolClass";
  private static final int PARTS = 3;
  private static final int PART_BITS = 22;

  private TableWriter() {}

  /** {@link #write(RunDirectory, Table, Dataset, boolean)} of rows that may lie anywhere. */
  public static Manifest.TableEntry write(RunDirectory run, Table table, Dataset<Row> rows) {
    return write(run, table, rows, false);
  }

  /**
   * Writes rows as uncommitted files of a table.
   *
   * @param placed whether the rows of a shard are in one partition as they are, so that they need
   *     not be brought together
   * @throws IllegalStateException when a column is missing, left over or of another type
   */
  public static Manifest.TableEntry write(
      RunDirectory run, Table table, Dataset<Row> rows, boolean placed) {
    StructType schema = Schemas.of(table);
    checkColumns(table, schema, rows.schema());
    Observation observation = new Observation(table.tableName());
    Column[] partition = columns(table.schema().partition());
    Column[] order =
        columns(
            Stream.concat(table.schema().partition().stream(), table.schema().key().stream())
                .distinct()
                .toList());
    Dataset<Row> selected = rows.select(columns(Arrays.asList(schema.fieldNames())));
    Dataset<Row> ordered =
        (placed ? selected : selected.repartition(partition))
            // In the tasks that write: one that is run again is counted once.
            .observe(
                observation,
                count(lit(1)).as("rows"),
                sum(part(contentHash(table), 0)).as("hash0"),
                sum(part(contentHash(table), 1)).as("hash1"),
                sum(part(contentHash(table), 2)).as("hash2"))
            .sortWithinPartitions(order);
    List<Manifest.FileEntry> files = writeFiles(run, table, ordered);
    Map<String, Object> seen = observed(observation, table);
    long counted = seen.get("rows") instanceof Long n ? n : 0;
    if (counted == 0 && !files.isEmpty()) {
      throw new StepException("rows of " + table.tableName() + " were written but not counted");
    }
    BigInteger hash = BigInteger.ZERO;
    for (int i = 0; i < PARTS; i++) {
      long sum = seen.get("hash" + i) instanceof Long s ? s : 0;
      hash = hash.add(BigInteger.valueOf(sum).shiftLeft(i * PART_BITS));
    }
    return new Manifest.TableEntry(counted, hash.toString(16), files);
  }

  /** Writes the rows, and removes what attempts that did not succeed have left beside. */
  private static List<Manifest.FileEntry> writeFiles(
      RunDirectory run, Table table, Dataset<Row> rows) {
    var conf = rows.sparkSession().conf();
    String protocol = conf.get(PROTOCOL);
    try {
      conf.set(PROTOCOL, DirectCommitProtocol.class.getName());
      rows.write()
          .mode(SaveMode.Append)
          .option(ParquetOutputFormat.PAGE_WRITE_CHECKSUM_ENABLED, "true")
          .partitionBy(table.schema().partition().toArray(String[]::new))
          .parquet(run.tablePath(table).toString());
    } finally {
      conf.set(PROTOCOL, protocol);
    }
    List<Manifest.FileEntry> files = DirectCommitProtocol.takeWritten(run, table);
    run.removeUncommitted(table, files);
    return files;
  }

  /**
   * A third of a hash: hash = part 0 + part 1 2^22 + part 2 2^44, the last with the sign. Sums of
   * parts stay within a long for 2^41 rows, and are many times faster than a sum of decimals.
   */
  private static Column part(Column hash, int part) {
    Column from = shiftright(hash, part * PART_BITS);
    return part == PARTS - 1 ? from : from.bitwiseAND(lit((1L << PART_BITS) - 1));
  }

  private static Map<String, Object> observed(Observation observation, Table table) {
    try {
      return observation.getAsJava();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StepException("interrupted while writing " + table.tableName(), e);
    }
  }

  /**
   * The 64-bit hash of a row over every column that two equal runs agree in. {@code xxhash64} skips
   * nulls and the bounds of arrays, so those are hashed beside the values: a value that moves to
   * the next column changes the hash.
   */
  static Column contentHash(Table table) {
    List<Column> parts = new ArrayList<>();
    for (TableSchema.Column column : table.schema().columns()) {
      if (column.isVolatile()) {
        continue;
      }
      if (column.type().startsWith("array")) {
        parts.add(coalesce(size(col(column.name())), lit(-1)));
      } else if (column.nullable()) {
        parts.add(col(column.name()).isNull());
      }
      parts.add(col(column.name()));
    }
    return xxhash64(parts.toArray(Column[]::new));
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(name -> col(name)).toArray(Column[]::new);
  }

  private static void checkColumns(Table table, StructType wanted, StructType found) {
    List<String> missing =
        Arrays.stream(wanted.fields())
            .filter(f -> Arrays.stream(found.fields()).noneMatch(g -> same(f, g)))
            .map(f -> f.name() + " " + f.dataType().simpleString())
            .toList();
    List<String> left =
        Arrays.stream(found.fields())
            .filter(g -> Arrays.stream(wanted.fields()).noneMatch(f -> same(f, g)))
            .map(g -> g.name() + " " + g.dataType().simpleString())
            .toList();
    if (!missing.isEmpty() || !left.isEmpty()) {
      throw new IllegalStateException(
          "rows for "
              + table.tableName()
              + " do not fit its schema: missing "
              + missing
              + ", left over "
              + left);
    }
  }

  private static boolean same(StructField a, StructField b) {
    return a.name().equals(b.name()) && a.dataType().sameType(b.dataType());
  }
}
