package io.recant.jobs.bench;

import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.table.ModelRows;
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

  /**
   * {@code given int, probabilities, bad} of the samples that have probabilities, the class as an
   * index of them; of several models' those {@link ModelRows#preferred}.
   */
  static Dataset<Row> labelled(SparkSession spark, RunDirectory run, Dataset<Row> bad) {
    Table samples = run.rows(Table.DAMAGED) > 0 ? Table.DAMAGED : Table.SAMPLES;
    Dataset<Row> predictions =
        read(spark, run, Table.PREDICTIONS).where("probabilities is not null");
    return read(spark, run, samples)
        .select("sample_id", "target")
        .join(
            read(spark, run, Table.CLASSES)
                .selectExpr("class_name as target", "class_index as given"),
            "target")
        .join(
            ModelRows.preferred(predictions).select("sample_id", "probabilities"),
            sampleId(),
            "inner")
        .join(bad, sampleId(), "inner")
        .orderBy("sample_id")
        .select("given", "probabilities", "bad");
  }

  /** The key most tables are joined by. */
  static scala.collection.immutable.Seq<String> sampleId() {
    return scala.jdk.javaapi.CollectionConverters.asScala(java.util.List.of("sample_id")).toList();
  }

  /** How many seconds a step took. */
  static double seconds(RunDirectory run, String step) {
    return run.manifest(step)
        .map(m -> java.time.Duration.between(m.started(), m.finished()).toMillis() / 1000.0)
        .orElseThrow();
  }
}
