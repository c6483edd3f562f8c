package io.recant.jobs.decide;

import io.recant.core.decision.CanaryRanking;
import io.recant.core.decision.ScoreCounts;
import io.recant.core.stats.Interval;
import io.recant.core.stats.Ranking;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Detection as the canaries show it, without the truth: rows of {@code detection_scores} and {@code
 * detection_curves}. The forget set is measured as it is; a detector by itself is measured where it
 * flags as many samples as the forget set has (or as many fewer as its ties demand).
 */
final class DetectionEstimate {

  private static final String BASIS = "canaries";
  private static final String JOINED = "decide";
  private static final int DRAWN = 200;

  private final List<Row> scores = new ArrayList<>();
  private final List<Row> curves = new ArrayList<>();

  /** Rows of table {@code detection_scores}. */
  List<Row> scores() {
    return scores;
  }

  /** Rows of table {@code detection_curves}. */
  List<Row> curves() {
    return curves;
  }

  /** Adds a corpus. */
  void add(
      String corpus,
      Judgement judgement,
      Map<String, ScoreCounts> counts,
      List<Candidates.Detector> weighable) {
    int cut = judgement.cut();
    double flagged = judgement.ranked().flagged(cut);
    add(corpus, JOINED, "flagged", Interval.point(flagged), judgement.ranked().samples());
    judgement
        .estimate()
        .ifPresent(
            estimate -> {
              forgetSet(corpus, judgement, estimate);
              CanaryRanking joined =
                  new CanaryRanking(estimate.counts(), estimate.errors().share());
              ranking(corpus, JOINED, joined, estimate.counts());
              curve(corpus, JOINED, joined, judgement.probability());
              for (Candidates.Detector detector : weighable) {
                ScoreCounts own = counts.get(detector.name());
                CanaryRanking ranking = new CanaryRanking(own, estimate.errors().share());
                ranking(corpus, detector.name(), ranking, own);
                curve(corpus, detector.name(), ranking, score -> score);
                alone(corpus, detector.name(), ranking, own, flagged, estimate);
              }
            });
  }

  private void forgetSet(String corpus, Judgement judgement, Judgement.Estimate estimate) {
    double flagged = judgement.ranked().flagged(judgement.cut());
    double samples = judgement.ranked().samples();
    Interval precision = estimate.uncertainty().precision();
    Interval recall = judgement.recall();
    add(corpus, JOINED, "precision", precision, flagged);
    add(corpus, JOINED, "recall", recall, estimate.counts().canaries());
    add(
        corpus,
        JOINED,
        "recall_by_p",
        Interval.point(judgement.ranked().recall(judgement.cut())),
        samples);
    add(corpus, JOINED, "share_bad", estimate.uncertainty().share(), samples);
    add(
        corpus,
        JOINED,
        "f1",
        new Interval(
            f1(precision.value(), recall.value()),
            f1(precision.lower(), recall.lower()),
            f1(precision.upper(), recall.upper())),
        samples);
  }

  private void ranking(String corpus, String detector, CanaryRanking ranking, ScoreCounts counts) {
    double n = counts.canaries() + counts.samples();
    add(corpus, detector, "average_precision", Interval.point(ranking.averagePrecision()), n);
    add(
        corpus,
        detector,
        "auroc",
        Interval.auc(ranking.auroc(), Math.round(counts.canaries()), Math.round(counts.samples())),
        n);
  }

  /**
   * Precision's ends combine those of the share and of the recall, so they are on the wide side.
   */
  private void alone(
      String corpus,
      String detector,
      CanaryRanking ranking,
      ScoreCounts counts,
      double flagged,
      Judgement.Estimate estimate) {
    Ranking.Point at = ranking.atFlagged(flagged);
    Interval recall = Interval.share(at.recall() * counts.canaries(), counts.canaries());
    Interval share = estimate.uncertainty().share();
    double perRecall = at.flagged() == 0 ? Double.NaN : counts.samples() / at.flagged();
    add(
        corpus,
        detector,
        "precision",
        new Interval(
            at.precision(),
            Math.min(1, share.lower() * recall.lower() * perRecall),
            Math.min(1, share.upper() * recall.upper() * perRecall)),
        at.flagged());
    add(corpus, detector, "recall", recall, counts.canaries());
  }

  private void curve(
      String corpus, String detector, CanaryRanking ranking, DoubleUnaryOperator threshold) {
    Set<Double> drawn = new HashSet<>();
    for (Ranking.Point p : ranking.drawn(DRAWN)) {
      if (drawn.add(threshold.applyAsDouble(p.threshold()))) {
        curves.add(
            RowFactory.create(
                detector,
                BASIS,
                threshold.applyAsDouble(p.threshold()),
                Math.round(p.flagged()),
                p.precision(),
                p.recall(),
                corpus));
      }
    }
  }

  private void add(String corpus, String detector, String measure, Interval interval, double n) {
    scores.add(
        RowFactory.create(
            detector,
            measure,
            BASIS,
            interval.valueOrNull(),
            interval.lowerOrNull(),
            interval.upperOrNull(),
            Math.round(n),
            corpus));
  }

  private static double f1(double precision, double recall) {
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  }
}
