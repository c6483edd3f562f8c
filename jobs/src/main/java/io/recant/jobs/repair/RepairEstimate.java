package io.recant.jobs.repair;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.recant.core.repair.Relabelling;
import io.recant.core.stats.Interval;
import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * What repairs are expected to do to each corpus, from p_bad and the probabilities of the
 * suggestions: rows of {@code repair_scores}. The intervals join what {@code decide} says of its
 * p_bad with Wilson's interval of how often canaries' suggestions were right.
 */
final class RepairEstimate {

  private static final String BASIS = "canaries";

  /** Sums of p are exact in decimals, so they do not depend on the order of rows. */
  private static final String EXACT = "decimal(18,12)";

  private final StepContext context;
  private final Map<String, Interval> share;
  private final Map<String, Interval> precision;
  private final Map<String, Double> known = new HashMap<>();
  private final List<Row> scores = new ArrayList<>();

  /** Reads what {@code decide} estimates about its own p_bad. */
  RepairEstimate(StepContext context) {
    this.context = context;
    this.share = estimates(context, "share_bad");
    this.precision = estimates(context, "precision");
  }

  private static Map<String, Interval> estimates(StepContext context, String measure) {
    Map<String, Interval> estimates = new HashMap<>();
    for (Row row :
        context
            .read(Table.DETECTION_SCORES)
            .where(col("detector").equalTo("decide").and(col("basis").equalTo(BASIS)))
            .where(col("measure").equalTo(measure).and(col("value").isNotNull()))
            .select(
                col("corpus"),
                col("value"),
                coalesce(col("lower"), col("value")),
                coalesce(col("upper"), col("value")))
            .collectAsList()) {
      estimates.put(
          row.getString(0), new Interval(row.getDouble(1), row.getDouble(2), row.getDouble(3)));
    }
    return estimates;
  }

  /** Whether the p_bad of a corpus are probabilities, weighed by canaries. */
  boolean isEstimated(String corpus) {
    return share.containsKey(corpus);
  }

  /** How many canaries the suggestions that are put in rest on. */
  void known(String corpus, double canaries) {
    known.put(corpus, canaries);
  }

  /** Rows of table {@code repair_scores}. */
  List<Row> scores(Dataset<Row> repairs) {
    Map<String, Row> suggested = new HashMap<>();
    for (Row row : suggested(repairs)) {
      suggested.put(row.getString(0), row);
    }
    for (Row judged : judged()) {
      String corpus = judged.getString(0);
      Row of = suggested.get(corpus);
      long suggestions = of == null ? 0 : of.getLong(1);
      long relabelled = of == null ? 0 : of.getLong(2);
      add(corpus, "suggestions", Interval.point(suggestions), judged.getLong(1));
      add(corpus, "relabelled", Interval.point(relabelled), suggestions);
      if (isEstimated(corpus)) {
        double right = of == null ? 0 : of.getDouble(4);
        long weighed = of == null ? 0 : of.getLong(3);
        add(corpus, "suggestion_precision", widened(corpus, right, weighed), weighed);
        expected(
            corpus,
            judged.getLong(1),
            judged.getDouble(2),
            relabelled,
            relabelled == 0 ? 0 : of.getDouble(5),
            relabelled == 0 ? 0 : of.getDouble(6));
      }
      note(corpus, judged.getLong(3), suggestions, relabelled);
    }
    return scores;
  }

  private List<Row> judged() {
    return context
        .read(Table.DECISIONS)
        .where("p_bad is not null")
        .groupBy("corpus")
        .agg(
            count(lit(1)), exactSum(col("p_bad")), count(when(col("action").notEqual("retain"), 1)))
        .orderBy("corpus")
        .collectAsList();
  }

  private static List<Row> suggested(Dataset<Row> repairs) {
    Column relabelled = col("action").equalTo("relabel");
    return repairs
        .groupBy("corpus")
        .agg(
            count(lit(1)),
            count(when(relabelled, 1)),
            count("p_suggested"),
            exactSum(col("p_suggested")),
            exactSum(when(relabelled, lit(1).minus(col("p_given")))),
            exactSum(when(relabelled, col("p_suggested"))))
        .collectAsList();
  }

  private static Column exactSum(Column p) {
    return coalesce(sum(p.cast(EXACT)), lit(0)).cast("double");
  }

  private void expected(
      String corpus, double rows, double bad, double relabelled, double wrong, double right) {
    double spoilt = relabelled - wrong;
    Relabelling relabelling =
        new Relabelling(rows - bad - spoilt, spoilt, right, bad - right, relabelled);
    double each = wrong > 0 ? right / wrong : 0;
    double canaries = known.getOrDefault(corpus, 0.0);
    Interval choice = Interval.share(each * canaries, canaries);
    Interval ofShare = share.get(corpus);
    relabelling
        .expected(relative(ofForgetSet(corpus)), relative(choice), ofShare)
        .forEach((measure, s) -> add(corpus, measure, s.interval(), s.n()));
  }

  /** Wilson's interval, or that of decide's p_bad where it is wider. */
  private Interval widened(String corpus, double right, long rows) {
    Interval chance = Interval.share(right, rows);
    Interval bad = relative(ofForgetSet(corpus));
    return rows == 0
        ? chance
        : new Interval(
            chance.value(),
            Math.min(chance.lower(), chance.value() * bad.lower()),
            Math.min(1, Math.max(chance.upper(), chance.value() * bad.upper())));
  }

  private Interval ofForgetSet(String corpus) {
    return precision.getOrDefault(corpus, share.get(corpus));
  }

  /** The ends as factors. */
  private static Interval relative(Interval interval) {
    return interval.value() > 0
        ? new Interval(1, interval.lower() / interval.value(), interval.upper() / interval.value())
        : new Interval(1, 1, 1);
  }

  private void note(String corpus, long flagged, long suggestions, long relabelled) {
    context.measure(corpus + ".suggestions", suggestions);
    context.measure(corpus + ".relabelled", relabelled);
    context
        .progress()
        .note(
            String.format(
                Locale.ROOT,
                suggestions == 0
                    ? "%s: nothing can be suggested for any of %,d samples to forget or review"
                    : "%s: of %,d samples to forget or review a target is suggested for %,d and put in"
                        + " for %,d%s",
                corpus,
                flagged,
                suggestions,
                relabelled,
                isEstimated(corpus)
                    ? ""
                    : "; p_bad is no probability there, so all are asked about"));
  }

  private void add(String corpus, String measure, Interval interval, long n) {
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
