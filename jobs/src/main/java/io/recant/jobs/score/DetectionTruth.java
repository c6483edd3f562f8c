package io.recant.jobs.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.recant.core.stats.Interval;
import io.recant.core.stats.Ranking;
import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Detection against the injections, of samples that were not known to be bad. The forget set is
 * measured as it is; a detector by itself is measured where it flags as many rows as the forget set
 * has, so that detectors can be compared.
 */
final class DetectionTruth {

  private static final String BASIS = "truth";

  /**
   * Scores are counted in steps of 1e-5, which bounds what comes to the driver whatever the corpus.
   */
  private static final int DIGITS = 5;

  private static final int DRAWN = 200;

  private final List<Row> scores = new ArrayList<>();
  private final List<Row> curves = new ArrayList<>();

  private DetectionTruth() {}

  static DetectionTruth measure(StepContext context) {
    DetectionTruth truth = new DetectionTruth();
    if (!context.has(Table.INJECTIONS)) {
      return truth;
    }
    Dataset<Row> injected =
        context
            .read(Table.INJECTIONS)
            .select(col("corpus"), col("sample_id"), lit(1).as("is_bad"))
            .distinct();
    // Who is told of a bad row has not found it.
    Dataset<Row> told = context.read(Table.KNOWN_BAD).select("corpus", "sample_id").distinct();
    Dataset<Row> decisions =
        context
            .read(Table.DECISIONS)
            .where("p_bad is not null")
            .selectExpr("corpus", "sample_id", "p_bad as score", "action")
            .join(told, new String[] {"corpus", "sample_id"}, "left_anti");
    Map<String, Long> flagged = truth.forgetSet(withTruth(decisions, injected));
    truth.rankings(withTruth(decisions.withColumn("detector", lit("decide")), injected), flagged);
    Dataset<Row> findings =
        context
            .read(Table.FINDINGS)
            .join(told, new String[] {"corpus", "sample_id"}, "left_anti")
            .groupBy("corpus", "sample_id", "detector")
            .agg(org.apache.spark.sql.functions.max("score").as("score"));
    truth.rankings(withTruth(findings, injected), flagged);
    return truth;
  }

  /** Rows of table {@code detection_scores}. */
  List<Row> scores() {
    return scores;
  }

  /** Rows of table {@code detection_curves}. */
  List<Row> curves() {
    return curves;
  }

  private static Dataset<Row> withTruth(Dataset<Row> rows, Dataset<Row> injected) {
    return rows.join(
            injected,
            rows.col("corpus")
                .equalTo(injected.col("corpus"))
                .and(rows.col("sample_id").equalTo(injected.col("sample_id"))),
            "left")
        .drop(injected.col("corpus"))
        .drop(injected.col("sample_id"))
        .withColumn("bad", when(col("is_bad").isNull(), 0L).otherwise(1L));
  }

  private Map<String, Long> forgetSet(Dataset<Row> decisions) {
    Map<String, Long> flagged = new TreeMap<>();
    List<Row> counts =
        decisions
            .groupBy("corpus")
            .agg(
                count(when(col("action").equalTo("forget"), 1)).as("flagged"),
                sum(when(col("action").equalTo("forget"), col("bad")).otherwise(0L)).as("hits"),
                sum("bad").as("bad"),
                count(lit(1)).as("rows"))
            .orderBy("corpus")
            .collectAsList();
    for (Row row : counts) {
      String corpus = row.getString(0);
      long n = row.getLong(1);
      flagged.put(corpus, n);
      add(corpus, "decide", "flagged", new Interval(n, Double.NaN, Double.NaN), row.getLong(4));
      add(corpus, "decide", "precision", Interval.share(row.getLong(2), n), n);
      add(
          corpus,
          "decide",
          "recall",
          Interval.share(row.getLong(2), row.getLong(3)),
          row.getLong(3));
      add(
          corpus,
          "decide",
          "share_bad",
          Interval.share(row.getLong(3), row.getLong(4)),
          row.getLong(4));
    }
    return flagged;
  }

  private void rankings(Dataset<Row> rows, Map<String, Long> flagged) {
    Map<String, Map<String, List<Ranking.Bin>>> bins = new TreeMap<>();
    for (Row row :
        rows.groupBy(col("corpus"), col("detector"), round(col("score"), DIGITS).as("score"))
            .agg(sum("bad"), count(lit(1)))
            .collectAsList()) {
      bins.computeIfAbsent(row.getString(0), c -> new TreeMap<>())
          .computeIfAbsent(row.getString(1), d -> new ArrayList<>())
          .add(new Ranking.Bin(row.getDouble(2), row.getLong(3), row.getLong(4) - row.getLong(3)));
    }
    bins.forEach(
        (corpus, detectors) ->
            detectors.forEach(
                (detector, counts) ->
                    ranking(
                        corpus, detector, Ranking.of(counts), flagged.getOrDefault(corpus, 0L))));
  }

  private void ranking(String corpus, String detector, Ranking ranking, long flagged) {
    long n = Math.round(ranking.bad() + ranking.good());
    add(corpus, detector, "average_precision", Interval.point(ranking.averagePrecision()), n);
    add(
        corpus,
        detector,
        "auroc",
        Interval.auc(ranking.auroc(), Math.round(ranking.bad()), Math.round(ranking.good())),
        n);
    add(corpus, detector, "best_f1", Interval.point(ranking.best().f1()), n);
    if (!detector.equals("decide")) {
      Ranking.Point cut = ranking.atFlagged(flagged);
      double hits = cut.precision() * cut.flagged();
      add(
          corpus,
          detector,
          "precision",
          Interval.share(hits, cut.flagged()),
          Math.round(cut.flagged()));
      add(
          corpus,
          detector,
          "recall",
          Interval.share(hits, ranking.bad()),
          Math.round(ranking.bad()));
    }
    for (Ranking.Point p : ranking.drawn(DRAWN)) {
      curves.add(
          RowFactory.create(
              detector,
              BASIS,
              p.threshold(),
              Math.round(p.flagged()),
              p.precision(),
              p.recall(),
              corpus));
    }
  }

  private void add(String corpus, String detector, String measure, Interval interval, long n) {
    scores.add(
        RowFactory.create(
            detector,
            measure,
            BASIS,
            interval.valueOrNull(),
            interval.lowerOrNull(),
            interval.upperOrNull(),
            n,
            corpus));
  }
}
