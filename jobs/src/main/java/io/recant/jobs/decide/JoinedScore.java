package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.when;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.Matrices;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The detectors' scores as one: the log-odds of canary against sample,
 *
 * <pre>s = intercept + sum_d weight_d logit(score_d)  [+ missing_d where d has no finding]</pre>
 *
 * <p>fitted by logistic regression with both kinds weighing the same, a small ridge penalty and no
 * negative weight: a higher score of a detector never lowers s. (Bounds on the weights rather than
 * dropping detectors and fitting again: it is the optimum under that condition.) Scores are clipped
 * to [1e-6, 1 - 1e-6]; no finding counts as score 0.
 *
 * <p>A handful of weights from hundreds of canaries cannot overfit by much, so scores are not
 * cross-fitted. Weights are rounded to four significant digits: the order in which Spark adds up
 * must not show.
 *
 * @param intercept of s
 * @param terms one per detector
 */
record JoinedScore(double intercept, List<Term> terms) {

  private static final double CLIP = 1e-6;
  private static final double LOWEST = Math.log(CLIP / (1 - CLIP));
  private static final MathContext ROUNDING = new MathContext(4);

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

  /** Fits the weights of the detectors that canaries can weigh. */
  static JoinedScore fit(Candidates candidates, double ridge) {
    List<Candidates.Detector> detectors = candidates.weighable();
    List<Column> features = new ArrayList<>();
    detectors.forEach(d -> features.add(logit(d.score())));
    List<Candidates.Detector> gaps =
        detectors.stream()
            .filter(
                d -> d.missing() > 0 && d.missing() < candidates.samples() + candidates.canaries())
            .toList();
    gaps.forEach(d -> features.add(absent(d)));
    double[] least = new double[features.size()];
    Arrays.fill(least, detectors.size(), least.length, Double.NEGATIVE_INFINITY);
    double rows = candidates.samples() + candidates.canaries();
    Dataset<Row> training =
        candidates
            .rows()
            .select(
                when(col("canary"), 1.0).otherwise(0.0).as("label"),
                when(col("canary"), rows / 2 / candidates.canaries())
                    .otherwise(rows / 2 / candidates.samples())
                    .as("weight"),
                org.apache
                    .spark
                    .ml
                    .functions
                    .array_to_vector(array(features.toArray(Column[]::new)))
                    .as("features"));
    LogisticRegressionModel model =
        new LogisticRegression()
            .setWeightCol("weight")
            .setRegParam(ridge)
            .setMaxIter(200)
            .setTol(1e-9)
            .setLowerBoundsOnCoefficients(Matrices.dense(1, least.length, least))
            .fit(training);
    double[] fitted = model.coefficients().toArray();
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < detectors.size(); i++) {
      int gap = gaps.indexOf(detectors.get(i));
      terms.add(
          new Term(
              detectors.get(i),
              rounded(Math.max(0, fitted[i])),
              gap < 0 ? 0 : rounded(fitted[detectors.size() + gap])));
    }
    return new JoinedScore(rounded(model.intercept()), terms);
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
