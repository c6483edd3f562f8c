package io.recant.jobs.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import io.recant.core.repair.Relabelling;
import io.recant.core.stats.Interval;
import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Repairs against the injections: rows of {@code repair_scores}. A suggestion is right where it is
 * the target from before the injection, white space aside; a sample without an injection counts as
 * right before.
 */
final class RepairTruth {

  private static final String BASIS = "truth";

  private RepairTruth() {}

  /** Nothing where there are no injections or no repairs. */
  static List<Row> scores(StepContext context) {
    List<Row> scores = new ArrayList<>();
    if (!context.has(Table.INJECTIONS) || !context.has(Table.REPAIRS)) {
      return scores;
    }
    for (Row row : counts(context)) {
      String corpus = row.getString(0);
      long rows = row.getLong(1);
      long wrong = row.getLong(2);
      long suggestions = row.getLong(3);
      long relabelled = row.getLong(5);
      long fixed = row.getLong(6);
      long spoilt = row.getLong(7);
      add(scores, corpus, "suggestions", Interval.point(suggestions), rows);
      add(scores, corpus, "relabelled", Interval.point(relabelled), suggestions);
      add(
          scores,
          corpus,
          "suggestion_precision",
          Interval.share(row.getLong(4), suggestions),
          suggestions);
      new Relabelling(rows - wrong - spoilt, spoilt, fixed, wrong - fixed, relabelled)
          .counted()
          .forEach((measure, s) -> add(scores, corpus, measure, s.interval(), s.n()));
    }
    return scores;
  }

  private static List<Row> counts(StepContext context) {
    String[] key = {"corpus", "sample_id"};
    Dataset<Row> injected =
        context
            .read(Table.INJECTIONS)
            .selectExpr("corpus", "sample_id", "if(field = 'target', before, null) as before")
            .withColumn("wrong", lit(true));
    Dataset<Row> repairs =
        context.read(Table.REPAIRS).select("corpus", "sample_id", "suggested_target", "action");
    Column wrong = coalesce(col("wrong"), lit(false));
    Column right = coalesce(plain("suggested_target").equalTo(plain("before")), lit(false));
    Column relabelled = coalesce(col("action").equalTo("relabel"), lit(false));
    return context
        .read(Table.DECISIONS)
        .where("p_bad is not null")
        .select("corpus", "sample_id")
        .join(injected, key, "left")
        .join(repairs, key, "left")
        .groupBy("corpus")
        .agg(
            count(lit(1)),
            count(when(wrong, 1)),
            count("suggested_target"),
            count(when(right, 1)),
            count(when(relabelled, 1)),
            count(when(relabelled.and(right), 1)),
            count(when(relabelled.and(wrong.equalTo(false)), 1)))
        .orderBy("corpus")
        .collectAsList();
  }

  private static Column plain(String target) {
    return trim(regexp_replace(col(target), "\\s+", " "));
  }

  private static void add(
      List<Row> scores, String corpus, String measure, Interval interval, long n) {
    scores.add(
        RowFactory.create(
            measure,
            BASIS,
            interval.valueOrNull(),
            interval.lowerOrNull(),
            interval.upperOrNull(),
            n,
            corpus));
  }
}
