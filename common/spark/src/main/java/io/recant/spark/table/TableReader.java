package io.recant.spark.table;

import io.recant.core.error.InputException;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Reads tables: only files a manifest names, each checked to be there with its length. */
public final class TableReader {

  private TableReader() {}

  /** The committed rows of a table. */
  public static Dataset<Row> read(SparkSession spark, RunDirectory run, Table table) {
    return read(spark, run, table, run.files(table));
  }

  /**
   * The rows of some files of a table.
   *
   * @throws InputException when a file is missing or has another length than its manifest says
   */
  public static Dataset<Row> read(
      SparkSession spark, RunDirectory run, Table table, List<Manifest.FileEntry> files) {
    StructType schema = Schemas.of(table);
    if (files.isEmpty()) {
      return spark.createDataFrame(List.of(), schema);
    }
    for (Manifest.FileEntry file : files) {
      check(run, table, file);
    }
    return spark
        .read()
        .option("basePath", run.tablePath(table).toString())
        .schema(schema)
        .parquet(
            files.stream()
                .map(f -> new Path(run.path(), f.path()).toString())
                .toArray(String[]::new))
        .select(
            schema.fieldNames()[0],
            java.util.Arrays.copyOfRange(schema.fieldNames(), 1, schema.size()));
  }

  private static void check(RunDirectory run, Table table, Manifest.FileEntry file) {
    Path path = new Path(run.path(), file.path());
    try {
      long length = run.fileSystem().getFileStatus(path).getLen();
      if (length != file.bytes()) {
        throw new InputException(
            "table "
                + table.tableName()
                + ": "
                + path
                + " has "
                + length
                + " bytes, its manifest says "
                + file.bytes()
                + "; it was changed after the step was committed");
      }
    } catch (IOException e) {
      throw new InputException(
          "table "
              + table.tableName()
              + ": "
              + path
              + " is named by a manifest and cannot be read: "
              + e.getMessage(),
          e);
    }
  }
}
