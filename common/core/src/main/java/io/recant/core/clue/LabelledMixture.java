package io.recant.core.clue;

import io.recant.core.stats.LogisticRegression;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Rows of unknown state as a mixture of bad and good ones, of both of which some are at hand, by
 * one score. The log density ratio of bad to good is taken for linear in the score, {@code r(x) =
 * exp(intercept + slope x)}, and fitted by a logistic regression of the bad against the good; the
 * share of the bad is the one that the posteriors of the unknown rows have on average,
 *
 * <pre>share = mean_i share r(x_i) / (share r(x_i) + 1 - share)</pre>
 *
 * <p>the likeliest one, found by expectation and maximisation (Saerens, Latinne and Decaestecker,
 * Neural Computation 2002). Unlike that of a mixture of which only bad rows are at hand, it does
 * not need scores at which all rows are bad.
 *
 * @param intercept of the log density ratio
 * @param slope of it, at least 0
 * @param share of the unknown rows that are bad, in (0, 1)
 */
record LabelledMixture(double intercept, double slope, double share) implements Serializable {

  private static final int STEPS = 200;
  private static final double LEAST = 1e-3;

  /** A little, so that few rows that are told apart do not make the slope endless. */
  private static final double RIDGE = 1e-3;

  /**
   * Fits the mixture.
   *
   * @param bad scores, at least one
   * @param good scores, at least one
   * @param unknown scores of rows of either kind, at least one
   */
  static LabelledMixture fit(double[] bad, double[] good, double[] unknown) {
    double mean = Arrays.stream(unknown).average().orElseThrow();
    double variance =
        Arrays.stream(unknown).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    double deviation = variance > 0 ? Math.sqrt(variance) : 1;
    int rows = bad.length + good.length;
    double[][] x = new double[rows][1];
    double[] isBad = new double[rows];
    double[] isGood = new double[rows];
    for (int i = 0; i < rows; i++) {
      boolean first = i < bad.length;
      x[i][0] = ((first ? bad[i] : good[i - bad.length]) - mean) / deviation;
      // Both kinds count as much, so that the odds are the ratio of densities.
      (first ? isBad : isGood)[i] = rows / 2.0 / (first ? bad.length : good.length);
    }
    LogisticRegression fit = LogisticRegression.fit(x, isBad, isGood, new double[] {RIDGE});
    double slope = Math.max(0, fit.weights()[0] / deviation);
    double intercept = slope == 0 ? 0 : fit.intercept() - slope * mean;
    LabelledMixture mixture = new LabelledMixture(intercept, slope, 0.5);
    for (int step = 0; step < STEPS; step++) {
      double share = Arrays.stream(unknown).map(mixture::posterior).average().orElseThrow();
      mixture = new LabelledMixture(intercept, slope, Math.max(LEAST, Math.min(1 - LEAST, share)));
    }
    return mixture;
  }

  /** The probability that a row with this score is bad. */
  double posterior(double score) {
    return 1 / (1 + (1 - share) / share * Math.exp(-intercept - slope * score));
  }
}
