package io.recant.jobs.bench;

import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The tables of a run a benchmark has made. */
final class RunTables {

  private RunTables() {}

  /** The committed rows of a table that has some. */
  static Dataset<Row> read(SparkSession spark, RunDirectory run, Table table) {
    return spark
        .read()
        .option("basePath", run.tablePath(table).toString())
        .parquet(
            run.files(table).stream()
                .map(file -> new Path(run.path(), file.path()).toString())
                .toArray(String[]::new));
  }

  /**
   * The findings with the rows' own names, {@code name}, from {@code meta.name}; and {@code
   * other_name}, that of the row which evidence names.
   */
  static Dataset<Row> namedFindings(SparkSession spark, RunDirectory run) {
    Dataset<Row> names =
        read(spark, run, Table.SAMPLES)
            .selectExpr("sample_id", "get_json_object(meta, '$.name') as name");
    Dataset<Row> findings =
        read(spark, run, Table.FINDINGS)
            .selectExpr(
                "sample_id", "score", "evidence", "get_json_object(evidence, '$.other') as other");
    return findings
        .join(names, "sample_id")
        .join(names.toDF("other", "other_name"), "other", "left");
  }

  /** How many seconds a step took. */
  static double seconds(RunDirectory run, String step) {
    return run.manifest(step)
        .map(m -> java.time.Duration.between(m.started(), m.finished()).toMillis() / 1000.0)
        .orElseThrow();
  }
}
