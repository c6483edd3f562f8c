package io.recant.jobs.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.recant.core.table.Table;
import io.recant.jobs.report.ReportData.Detection;
import io.recant.jobs.report.ReportData.DetectionCurve;
import io.recant.jobs.report.ReportData.DetectionScore;
import io.recant.jobs.report.ReportData.Finding;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;

/** How well detection worked: a few numbers per detector, and curves thinned inside Spark. */
final class DetectionEvidence {

  /** From this score on a finding speaks against a sample rather than for it. */
  private static final double RATHER_BAD = 0.5;

  private DetectionEvidence() {}

  /** The rows of {@code detection_scores}: one per corpus, detector, measure and basis. */
  static List<DetectionScore> scores(StepContext context) {
    return context
        .read(Table.DETECTION_SCORES)
        .orderBy("corpus", "detector", "measure", "basis")
        .select("corpus", "detector", "measure", "basis", "value", "lower", "upper", "n")
        .collectAsList()
        .stream()
        .map(
            r ->
                new DetectionScore(
                    r.getString(0),
                    r.getString(1),
                    r.getString(2),
                    r.getString(3),
                    r.getAs("value"),
                    r.getAs("lower"),
                    r.getAs("upper"),
                    r.getLong(7)))
        .toList();
  }

  /** Scores, curves of at most {@code curvePoints + 1} points, and findings by detector. */
  static Detection of(
      StepContext context, ReportConfig config, Set<String> corpora, List<DetectionScore> scores) {
    return new Detection(
        scores.stream().filter(s -> corpora.contains(s.corpus())).toList(),
        curves(context, config.curvePoints(), corpora),
        findings(context, corpora));
  }

  /** Points are the means of the points within equal steps of recall. */
  private static List<DetectionCurve> curves(StepContext context, int points, Set<String> corpora) {
    Map<List<String>, List<double[]>> curves = new LinkedHashMap<>();
    for (Row row :
        context
            .read(Table.DETECTION_CURVES)
            .where(col("corpus").isin(corpora.toArray()).and(col("precision").isNotNull()))
            .groupBy(
                col("corpus"),
                col("detector"),
                col("basis"),
                floor(col("recall").multiply(points)).as("bucket"))
            .agg(avg("recall"), avg("precision"), avg("threshold"))
            .orderBy("corpus", "detector", "basis", "bucket")
            .collectAsList()) {
      curves
          .computeIfAbsent(
              List.of(row.getString(0), row.getString(1), row.getString(2)), k -> new ArrayList<>())
          .add(new double[] {row.getDouble(4), row.getDouble(5), row.getDouble(6)});
    }
    return curves.entrySet().stream()
        .map(
            e ->
                new DetectionCurve(
                    e.getKey().get(0), e.getKey().get(1), e.getKey().get(2), e.getValue()))
        .toList();
  }

  private static List<Finding> findings(StepContext context, Set<String> corpora) {
    return context
        .read(Table.FINDINGS)
        .where(col("corpus").isin(corpora.toArray()))
        .groupBy("corpus", "detector", "kind")
        .agg(count(lit(1)), sum(when(col("score").geq(RATHER_BAD), 1L).otherwise(0L)))
        .orderBy("corpus", "detector", "kind")
        .collectAsList()
        .stream()
        .map(
            r ->
                new Finding(
                    r.getString(0), r.getString(1), r.getString(2), r.getLong(3), r.getLong(4)))
        .toList();
  }
}
