package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;

import io.recant.core.decision.BadProbability;
import io.recant.core.decision.CutUncertainty;
import io.recant.core.decision.ErrorShare;
import io.recant.core.decision.RankedSamples;
import io.recant.core.decision.ScoreCounts;
import io.recant.core.stats.Interval;
import io.recant.spark.step.Seeds;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.apache.spark.sql.Column;

/**
 * What was found out about one corpus as a whole: how a candidate's score comes about, what
 * probability of being bad it means, and where the cuts are.
 *
 * @param score of a candidate
 * @param probability of being bad by score
 * @param ranked the samples by score
 * @param cut forget those above, in steps of the ranking
 * @param reviewCut to people those above that are not forgotten
 * @param weights how much a detector's logit counts for reasons
 * @param estimate what canaries tell; empty without them
 */
record Judgement(
    Column score,
    Probability probability,
    RankedSamples ranked,
    int cut,
    int reviewCut,
    Map<String, Double> weights,
    Optional<Estimate> estimate) {

  /** Scores are kept in steps of 1e-5. */
  private static final double MORE_LIKELY_THAN_NOT = 0.500005;

  /** p_bad by score, as executors take it. */
  interface Probability extends DoubleUnaryOperator, Serializable {}

  /**
   * What canaries tell.
   *
   * @param counts canaries and samples by score
   * @param errors the share of bad samples
   * @param uncertainty of that share and of the forget set's precision
   */
  record Estimate(ScoreCounts counts, ErrorShare errors, CutUncertainty uncertainty) {}

  /** Judges by the detectors' joined score, weighed by the canaries. */
  static Judgement byCanaries(
      Candidates candidates, JoinedScore joined, DecideConfig config, long seed) {
    ScoreCounts counts =
        Candidates.counts(
            candidates.rows().select(col("canary"), joined.score().as("score")), "score");
    OptionalDouble known = candidates.shareBad();
    ErrorShare errors =
        known.isPresent() ? ErrorShare.of(counts, known.getAsDouble()) : ErrorShare.of(counts);
    BadProbability probability = BadProbability.of(counts, errors);
    RankedSamples ranked = RankedSamples.of(counts, probability::at);
    int cut = config.cut().rule().cut(ranked);
    CutUncertainty uncertainty =
        CutUncertainty.of(
            counts, errors, ranked, cut, config.redraws(), Seeds.derive(seed, "redraws"));
    Map<String, Double> weights = new HashMap<>();
    joined.terms().forEach(t -> weights.put(t.detector().name(), t.weight()));
    return new Judgement(
        joined.score(),
        probability::at,
        ranked,
        cut,
        reviewCut(ranked, cut, config),
        weights,
        Optional.of(new Estimate(counts, errors, uncertainty)));
  }

  /**
   * Judges by the highest score any detector gives, taken for a probability. Whatever the rule,
   * nothing is forgotten that no detector holds to be more likely bad than not: a detector that
   * cannot tell says 0.5, and a corpus of one row or one class would be forgotten whole for it.
   */
  static Judgement byHighestScore(Candidates candidates, DecideConfig config) {
    List<Column> scores =
        candidates.detectors().stream().map(d -> coalesce(d.score(), lit(0.0))).toList();
    Column highest =
        round(scores.size() == 1 ? scores.get(0) : greatest(scores.toArray(Column[]::new)), 5);
    ScoreCounts counts =
        Candidates.counts(
            candidates.rows().where("not canary").select(col("canary"), highest.as("score")),
            "score");
    RankedSamples ranked = RankedSamples.of(counts, s -> s);
    int cut = Math.min(config.cut().rule().cut(ranked), ranked.atLeast(MORE_LIKELY_THAN_NOT));
    Map<String, Double> weights = new HashMap<>();
    candidates.detectors().forEach(d -> weights.put(d.name(), 1.0));
    return new Judgement(
        highest, s -> s, ranked, cut, reviewCut(ranked, cut, config), weights, Optional.empty());
  }

  /** The share of the canaries that the cut flags. */
  Interval recall() {
    return Interval.share(ranked.canariesFlagged(cut), ranked.canaries());
  }

  /** The estimated share of bad samples. */
  double shareBad() {
    return estimate.map(e -> e.errors().share()).orElse(ranked.precision(ranked.steps()));
  }

  private static int reviewCut(RankedSamples ranked, int cut, DecideConfig config) {
    double most = ranked.flagged(cut) + config.reviewShare() * ranked.samples();
    return Math.max(cut, Math.min(ranked.atLeast(config.reviewFrom()), ranked.atMost(most)));
  }
}
