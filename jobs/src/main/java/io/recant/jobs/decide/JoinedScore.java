package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.when;

import io.recant.core.decision.ForwardSelection;
import io.recant.core.decision.TiltedMixture;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;

/**
 * The detectors' scores as one: the log-odds that tell the bad from the good,
 *
 * <pre>s = intercept + sum_d weight_d logit(score_d)  [+ missing_d where d has no finding]</pre>
 *
 * <p>the tilt of a {@link TiltedMixture} of the samples, fitted to canaries and samples with a
 * small ridge penalty and no negative weight: a higher score of a detector never lowers s. Scores
 * are clipped to [1e-6, 1 - 1e-6]; no finding counts as score 0.
 *
 * <p>A handful of weights from hundreds of canaries cannot overfit by much, so scores are not
 * cross-fitted. Of fewer than {@value #CANARIES_A_WEIGHT} canaries a weight (the usual rule of
 * events a variable, Peduzzi et al., J. Clin. Epidemiol. 1996, twice as strict) they can: then
 * detectors are chosen by {@link ForwardSelection}. Nor does the fit need more than {@link
 * #MOST_ROWS} of each kind, so that it costs the same whatever the corpus' size. Weights are
 * rounded to four significant digits: more would say nothing.
 *
 * @param intercept of s
 * @param terms one per detector that counts
 */
record JoinedScore(double intercept, List<Term> terms) {

  private static final double CLIP = 1e-6;
  private static final double LOWEST = Math.log(CLIP / (1 - CLIP));
  private static final MathContext ROUNDING = new MathContext(4);

  private static final int CANARIES_A_WEIGHT = 20;

  /** Of canaries and of samples each. */
  static final int MOST_ROWS = 50_000;

  /** s is kept in steps of 1/1000 of log-odds, which bounds what comes to the driver. */
  private static final int DIGITS = 3;

  /**
   * A detector's part.
   *
   * @param detector the detector
   * @param weight of its logit, not negative
   * @param missing added where it has no finding
   */
  record Term(Candidates.Detector detector, double weight, double missing) {}

  /**
   * Fits the weights of the detectors that canaries can weigh.
   *
   * @param seed of the choice of rows where there are more than are needed
   */
  static JoinedScore fit(Candidates candidates, double ridge, long seed) {
    List<Candidates.Detector> detectors = candidates.weighable();
    List<Candidates.Detector> gaps =
        detectors.stream()
            .filter(
                d -> d.missing() > 0 && d.missing() < candidates.samples() + candidates.canaries())
            .toList();
    List<Column> features = new ArrayList<>();
    detectors.forEach(d -> features.add(logit(d.score())));
    gaps.forEach(d -> features.add(absent(d)));
    TiltedMixture.Rows rows = candidates.drawn(features, MOST_ROWS, seed);
    if (candidates.canaries() >= (long) CANARIES_A_WEIGHT * features.size()) {
      return of(detectors, gaps, TiltedMixture.fit(rows, detectors.size(), ridge));
    }
    List<int[]> groups = new ArrayList<>();
    for (int i = 0; i < detectors.size(); i++) {
      int gap = gaps.indexOf(detectors.get(i));
      groups.add(gap < 0 ? new int[] {i} : new int[] {i, detectors.size() + gap});
    }
    List<Integer> chosen = ForwardSelection.of(rows, groups, detectors.size(), ridge);
    int[] columns =
        chosen.stream().flatMapToInt(i -> Arrays.stream(groups.get(i))).sorted().toArray();
    List<Candidates.Detector> some = chosen.stream().map(detectors::get).toList();
    return of(
        some,
        gaps.stream().filter(some::contains).toList(),
        TiltedMixture.fit(rows.of(columns), some.size(), ridge));
  }

  /** From weights of the detectors, and then of those that have no finding somewhere. */
  private static JoinedScore of(
      List<Candidates.Detector> detectors, List<Candidates.Detector> gaps, TiltedMixture fitted) {
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < detectors.size(); i++) {
      int gap = gaps.indexOf(detectors.get(i));
      terms.add(
          new Term(
              detectors.get(i),
              rounded(fitted.weights()[i]),
              gap < 0 ? 0 : rounded(fitted.weights()[detectors.size() + gap])));
    }
    return new JoinedScore(rounded(fitted.intercept()), terms);
  }

  /** s of a candidate. */
  Column score() {
    Column sum = lit(intercept);
    for (Term term : terms) {
      sum =
          sum.plus(logit(term.detector().score()).multiply(term.weight()))
              .plus(absent(term.detector()).multiply(term.missing()));
    }
    return round(sum, DIGITS);
  }

  /** Whether any detector tells canaries from samples. */
  boolean informative() {
    return terms.stream().anyMatch(t -> t.weight() > 0);
  }

  /** The logit of a clipped score; the lowest where there is none. */
  static Column logit(Column score) {
    Column clipped = least(greatest(score, lit(CLIP)), lit(1 - CLIP));
    return coalesce(
        when(score.isNotNull(), log(clipped.divide(lit(1.0).minus(clipped)))), lit(LOWEST));
  }

  /** {@link #logit(Column)} on the driver. */
  static double logit(double score) {
    double clipped = Math.min(Math.max(score, CLIP), 1 - CLIP);
    return Math.log(clipped / (1 - clipped));
  }

  private static Column absent(Candidates.Detector detector) {
    return when(detector.score().isNull(), 1.0).otherwise(0.0);
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(ROUNDING).doubleValue();
  }
}
