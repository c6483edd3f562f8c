package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.recant.core.decision.ScoreCounts;
import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/** The rows of table {@code decisions}. */
final class Verdicts {

  private static final int MOST_REASONS = 3;

  private Verdicts() {}

  /** Samples of splits nobody asked to judge: retained. */
  static Dataset<Row> unjudged(Dataset<Row> samples) {
    return retained(samples, format_string("split %s is not judged", col("split")));
  }

  /** Samples no detector has seen: retained. */
  static Dataset<Row> unseen(Dataset<Row> samples) {
    return retained(samples, lit("no detector has judged this corpus"));
  }

  /** Judged samples of one corpus. */
  static Dataset<Row> of(
      StepContext context,
      String corpus,
      Dataset<Row> samples,
      Candidates candidates,
      Judgement judgement,
      Map<String, ScoreCounts> counts) {
    Dataset<Row> decided = decided(samples, candidates, judgement);
    Dataset<Row> opinions =
        opinions(context, corpus, decided.where(deservesReasons(judgement)), judgement, counts);
    Column reasons =
        expr(
            "slice(transform(if(size(speaking) > 0, speaking, slice(opinions, 1, 1)), o -> o.reason), 1,"
                + " if(action = 'retain', 1, "
                + MOST_REASONS
                + "))");
    Column joined =
        when(
                col("action").notEqual("retain"),
                array(
                    format_string(
                        "no single detector stands out; together they give it %.2f to be bad",
                        col("p_bad"))))
            .otherwise(array().cast("array<string>"));
    return decided
        .join(opinions, asScala("sample_id"), "left")
        .withColumn("speaking", expr("filter(opinions, o -> o.against < 0)"))
        .withColumn("found", when(expr("size(opinions) > 0"), reasons))
        .select(
            col("sample_id"),
            col("p_bad"),
            col("action"),
            coalesce(col("found"), joined).as("reasons"),
            when(
                    col("action").notEqual("retain"),
                    expr(
                        "get(filter(speaking, o -> o.suggested is not null and o.suggested != target), 0).suggested"))
                .as("suggested_target"),
            threshold(judgement).as("threshold"),
            coalesce(
                    col("spans"),
                    when(
                        col("action").notEqual("retain"),
                        TargetSpans.of(expr("transform(speaking, o -> o.span)"))))
                .as("spans"),
            lit(corpus).as("corpus"),
            col("shard"));
  }

  private static Dataset<Row> decided(
      Dataset<Row> samples, Candidates candidates, Judgement judgement) {
    Dataset<Row> scored =
        candidates
            .rows()
            .where("not canary")
            .select(col("id").as("sample_id"), judgement.score().as("score"));
    Judgement.Probability probability = judgement.probability();
    return samples
        .select("sample_id", "target", "spans", "shard")
        .join(scored, asScala("sample_id"))
        .withColumn(
            "p_bad",
            udf((UDF1<Double, Double>) probability::applyAsDouble, DataTypes.DoubleType)
                .apply(col("score")))
        .withColumn(
            "action",
            when(col("score").geq(judgement.ranked().threshold(judgement.cut())), "forget")
                .when(
                    col("score").geq(judgement.ranked().threshold(judgement.reviewCut())), "review")
                .otherwise("retain"));
  }

  /** Retained rows carry a reason only where they are more suspicious than a row drawn blindly. */
  private static Column deservesReasons(Judgement judgement) {
    return col("action").notEqual("retain").or(col("p_bad").geq(judgement.shareBad()));
  }

  /**
   * The findings of the samples as one array each, those that speak most against the sample first:
   * by weight times how far the logit is above the detector's mean.
   */
  private static Dataset<Row> opinions(
      StepContext context,
      String corpus,
      Dataset<Row> decided,
      Judgement judgement,
      Map<String, ScoreCounts> counts) {
    Column against = lit(0.0);
    for (Map.Entry<String, ScoreCounts> detector : counts.entrySet()) {
      double weight = judgement.weights().getOrDefault(detector.getKey(), 0.0);
      against =
          when(
                  col("detector").equalTo(detector.getKey()),
                  lit(meanLogit(detector.getValue()))
                      .minus(JoinedScore.logit(col("score")))
                      .multiply(weight))
              .otherwise(against);
    }
    Dataset<Row> findings =
        context
            .read(Table.FINDINGS)
            .where(col("corpus").equalTo(corpus).and(Candidates.accuses()))
            .where(trim(col("reason")).notEqual(""))
            .select(
                col("sample_id"),
                struct(
                        against.as("against"),
                        col("detector"),
                        col("reason"),
                        col("suggested_target").as("suggested"),
                        col("span"))
                    .as("opinion"));
    return findings
        .join(decided.select("sample_id"), asScala("sample_id"))
        .groupBy("sample_id")
        .agg(sort_array(collect_list(col("opinion"))).as("opinions"));
  }

  private static double meanLogit(ScoreCounts counts) {
    double sum = 0;
    for (ScoreCounts.Cell cell : counts.cells()) {
      sum += cell.samples() * JoinedScore.logit(cell.score());
    }
    return sum / counts.samples();
  }

  private static Column threshold(Judgement judgement) {
    return judgement.cut() == 0
        ? lit(null).cast("double")
        : lit(judgement.ranked().probability(judgement.cut()));
  }

  private static Dataset<Row> retained(Dataset<Row> samples, Column reason) {
    return unweighed(samples, lit("retain"), reason);
  }

  /** Rows of which nothing says how likely they are bad. */
  static Dataset<Row> unweighed(Dataset<Row> samples, Column action, Column reason) {
    return samples.select(
        col("sample_id"),
        lit(null).cast("double").as("p_bad"),
        action.as("action"),
        array(reason).as("reasons"),
        lit(null).cast("string").as("suggested_target"),
        lit(null).cast("double").as("threshold"),
        col("spans"),
        col("corpus"),
        col("shard"));
  }

  private static scala.collection.immutable.Seq<String> asScala(String name) {
    return scala.jdk.javaapi.CollectionConverters.asScala(java.util.List.of(name)).toList();
  }
}
