package io.recant.jobs.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.stddev_samp;

import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.List;
import org.apache.spark.sql.Row;

/** Scores and costs of every model and method, means over seeds. */
final class ModelScores {

  private ModelScores() {}

  /**
   * A measure of a method, mean over seeds, not yet compared with the oracle.
   *
   * @param spread standard deviation over seeds, null for one seed
   */
  record Score(
      String model,
      String method,
      String metric,
      String split,
      Double value,
      Double spread,
      long seeds,
      Double lower,
      Double upper,
      Double oracle,
      Double untouched,
      String direction,
      long n,
      String note) {}

  /** What a method cost, mean over seeds. */
  record Cost(
      String model,
      String method,
      String corpus,
      String family,
      Double steps,
      Double seconds,
      Double peakMemory,
      String stopped,
      String device) {}

  static List<Score> scores(StepContext context) {
    return context
        .read(Table.SCORES)
        .groupBy("model", "method", "metric", "split")
        .agg(
            avg("value").as("value"),
            stddev_samp("value").as("spread"),
            count(lit(1)).as("seeds"),
            avg("lower").as("lower"),
            avg("upper").as("upper"),
            avg("oracle").as("oracle"),
            avg("untouched").as("untouched"),
            first(col("direction"), true).as("direction"),
            avg("n").as("n"),
            first(col("note"), true).as("note"))
        .orderBy("model", "method", "metric", "split")
        .collectAsList()
        .stream()
        .map(ModelScores::score)
        .toList();
  }

  static List<Cost> costs(StepContext context) {
    return context
        .read(Table.CHECKPOINTS)
        .groupBy("model", "method")
        .agg(
            first(col("corpus"), true).as("corpus"),
            first(col("family"), true).as("family"),
            avg("steps").as("steps"),
            avg("seconds").as("seconds"),
            avg("peak_memory_bytes").as("memory"),
            first(col("stopped"), true).as("stopped"),
            first(col("device"), true).as("device"))
        .orderBy("model", "method")
        .collectAsList()
        .stream()
        .map(
            r ->
                new Cost(
                    r.getAs("model"),
                    r.getAs("method"),
                    r.getAs("corpus"),
                    r.getAs("family"),
                    r.getAs("steps"),
                    r.getAs("seconds"),
                    r.getAs("memory"),
                    r.getAs("stopped"),
                    r.getAs("device")))
        .toList();
  }

  private static Score score(Row r) {
    Double n = r.getAs("n");
    return new Score(
        r.getAs("model"),
        r.getAs("method"),
        r.getAs("metric"),
        r.getAs("split"),
        r.getAs("value"),
        r.getAs("spread"),
        r.getAs("seeds"),
        r.getAs("lower"),
        r.getAs("upper"),
        r.getAs("oracle"),
        r.getAs("untouched"),
        r.getAs("direction"),
        n == null ? 0 : Math.round(n),
        r.getAs("note"));
  }
}
