package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.stddev_samp;
import static org.apache.spark.sql.functions.when;

import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * What finished runs say of every method, over their seeds, and of what was found.
 *
 * @param corpus the manipulated corpus
 * @param share of the damage that was known
 * @param wrong share of what was taken for known that is good
 * @param expanded whether what is like the known was looked for
 * @param runs the run directories by seed; one with all seeds where there is nothing to draw
 */
record CorrectiveRuns(
    String corpus,
    double share,
    double wrong,
    boolean expanded,
    SortedMap<Long, RunDirectory> runs) {

  /** One row a method. Times are shares of that of training without the forget set. */
  static final StructType METHODS =
      (StructType)
          DataType.fromDDL(
              "corpus string, known double, wrong double, expanded boolean, method string, seeds int,"
                  + " acc_corr double, acc_corr_sd double, acc_corr_of_oracle double,"
                  + " acc_retain double, acc_retain_over_oracle double, acc_corrupted double,"
                  + " acc_corrupted_of_oracle double, trigger_success double,"
                  + " membership_auc double, seconds double, time_of_retraining double");

  /** One row a seed: what is in the forget set beside the known rows, as estimated and in truth. */
  static final StructType FOUND =
      (StructType)
          DataType.fromDDL(
              "corpus string, known double, wrong double, seed bigint, known_rows bigint,"
                  + " found bigint, precision double, precision_estimated double, recall double,"
                  + " recall_estimated double, average_precision double");

  private static final List<String> METRICS =
      List.of("acc_corr", "acc_retain", "acc_corrupted", "trigger_success", "membership_auc");

  private static final String ORACLE = "oracle";
  private static final String RETRAINED = "retrained";

  /** Rows of {@link #METHODS}, by method. */
  List<Row> methods(SparkSession spark) {
    Map<String, Row> means = means(spark);
    Map<String, Double> seconds = seconds(spark);
    Row oracle = means.get(ORACLE);
    List<Row> rows = new ArrayList<>();
    means.forEach(
        (method, mean) ->
            rows.add(
                RowFactory.create(
                    corpus,
                    share,
                    wrong,
                    expanded,
                    method,
                    (int) (long) mean.<Long>getAs("seeds"),
                    mean.getAs("acc_corr"),
                    mean.getAs("acc_corr_sd"),
                    ratio(mean, oracle, "acc_corr"),
                    mean.getAs("acc_retain"),
                    mean.<Double>getAs("acc_retain") - oracle.<Double>getAs("acc_retain"),
                    mean.getAs("acc_corrupted"),
                    ratio(mean, oracle, "acc_corrupted"),
                    mean.getAs("trigger_success"),
                    mean.getAs("membership_auc"),
                    seconds.get(method),
                    of(seconds.get(method), seconds.get(RETRAINED)))));
    return rows;
  }

  private Map<String, Row> means(SparkSession spark) {
    List<Column> columns = new ArrayList<>();
    for (String metric : METRICS) {
      columns.add(avg(when(col("metric").equalTo(metric), col("value"))).as(metric));
    }
    columns.add(
        stddev_samp(when(col("metric").equalTo("acc_corr"), col("value"))).as("acc_corr_sd"));
    Map<String, Row> means = new TreeMap<>();
    read(spark, Table.SCORES)
        .where(col("metric").isin(METRICS.toArray()))
        .groupBy("method")
        .agg(countDistinct("seed").as("seeds"), columns.toArray(Column[]::new))
        .collectAsList()
        .forEach(row -> means.put(row.getAs("method"), row));
    return means;
  }

  /** The mean of the seeds; nothing of models that were copied. */
  private Map<String, Double> seconds(SparkSession spark) {
    Map<String, Double> seconds = new TreeMap<>();
    read(spark, Table.CHECKPOINTS)
        .where("seconds > 0")
        .groupBy("method")
        .agg(avg("seconds"))
        .collectAsList()
        .forEach(row -> seconds.put(row.getString(0), row.getDouble(1)));
    return seconds;
  }

  private static Double ratio(Row mean, Row oracle, String metric) {
    return of(mean.getAs(metric), oracle.getAs(metric));
  }

  private static Double of(Double value, Double whole) {
    return value == null || whole == null || whole == 0 ? null : value / whole;
  }

  private Dataset<Row> read(SparkSession spark, Table table) {
    return runs.values().stream()
        .map(run -> RunTables.read(spark, run, table))
        .reduce(Dataset::unionByName)
        .orElseThrow();
  }

  /** Rows of {@link #FOUND}, by seed. */
  List<Row> found(SparkSession spark) {
    List<Row> rows = new ArrayList<>();
    runs.forEach((seed, run) -> rows.add(found(spark, seed, run)));
    return rows;
  }

  private Row found(SparkSession spark, long seed, RunDirectory run) {
    Dataset<Row> scores =
        RunTables.read(spark, run, Table.DETECTION_SCORES).where("detector = 'decide'");
    Map<String, Double> values = new TreeMap<>();
    for (Row row : scores.select("basis", "measure", "value").collectAsList()) {
      if (!row.isNullAt(2)) {
        values.put(row.getString(0) + "/" + row.getString(1), row.getDouble(2));
      }
    }
    long knownRows = RunTables.read(spark, run, Table.KNOWN_BAD).count();
    return RowFactory.create(
        corpus,
        share,
        wrong,
        seed,
        knownRows,
        RunTables.read(spark, run, Table.FORGET).count() - knownRows,
        values.get("truth/precision"),
        values.get("canaries/precision"),
        values.get("truth/recall"),
        values.get("canaries/recall"),
        values.get("truth/average_precision"));
  }
}
