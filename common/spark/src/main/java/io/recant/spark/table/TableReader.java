package io.recant.spark.table;

import io.recant.core.error.InputException;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.run.CommittedFiles;
import io.recant.spark.run.RunDirectory;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads tables: only files a manifest names, each checked to be there with its length, and every
 * page of them against its checksum.
 */
public final class TableReader {

  private TableReader() {}

  /**
   * The committed rows of a table.
   *
   * @throws InputException when a file is missing or has another length than its manifest says
   */
  public static Dataset<Row> read(SparkSession spark, RunDirectory run, Table table) {
    return rows(spark, run, table, CommittedFiles.of(run, table));
  }

  /**
   * The rows of some files of a table.
   *
   * @throws InputException when a file is missing or has another length than its manifest says
   */
  public static Dataset<Row> read(
      SparkSession spark, RunDirectory run, Table table, List<Manifest.FileEntry> files) {
    CommittedFiles.check(run, table, files);
    return rows(spark, run, table, files);
  }

  private static Dataset<Row> rows(
      SparkSession spark, RunDirectory run, Table table, List<Manifest.FileEntry> files) {
    StructType schema = Schemas.of(table);
    if (files.isEmpty()) {
      return spark.createDataFrame(List.of(), schema);
    }
    return spark
        .read()
        .option(ParquetInputFormat.PAGE_VERIFY_CHECKSUM_ENABLED, "true")
        .option("basePath", run.tablePath(table).toString())
        .schema(schema)
        .parquet(
            files.stream()
                .map(f -> new Path(run.path(), f.path()).toString())
                .toArray(String[]::new))
        .select(schema.fieldNames()[0], Arrays.copyOfRange(schema.fieldNames(), 1, schema.size()));
  }
}
