package io.recant.core.decision;

import java.util.List;

/**
 * The share of bad samples when samples are a mixture (1 - share) good + share bad, canaries are
 * distributed as the bad are, and the log density ratio of bad to good is linear in the score:
 *
 * <pre>f_samples(s) = f_canaries(s) (share + (1 - share) exp(-(intercept + slope s)))</pre>
 *
 * <p>This is the exponential tilt of Qin (Biometrika 1999) and the "modified logistic regression"
 * for positive and unlabelled data of Jaskie and Spanias (2019): P(canary | s) has a ceiling below
 * 1, and the ceiling tells the share. Nothing is assumed about f_canaries. Fitted by
 * expectation-maximisation: the posterior of each sample, then a logistic regression of canaries
 * and probable errors against the rest.
 *
 * <p>Every row takes part, so it is steadier than {@link BestBin}, and where the tilt is not linear
 * it is biased; use both.
 *
 * @param share of the samples that are bad, in [0, 1]
 * @param intercept of the tilt
 * @param slope of the tilt
 */
public record TiltedMixture(double share, double intercept, double slope) {

  private static final double TOLERANCE = 1e-6;
  private static final double SMALLEST = 1e-6;

  /** A start for {@link #fit}: for scores that are log-odds themselves. */
  static final TiltedMixture START = new TiltedMixture(0.3, 0, 1);

  /**
   * Fits the mixture.
   *
   * @param counts best binned to some hundred cells; scores in log-odds
   * @param start where to begin
   * @param iterations at most so many
   */
  static TiltedMixture fit(ScoreCounts counts, TiltedMixture start, int iterations) {
    List<ScoreCounts.Cell> cells = counts.cells();
    TiltedMixture now = start;
    for (int i = 0; i < iterations; i++) {
      TiltedMixture next = now.step(cells, counts.samples());
      boolean still =
          Math.abs(next.share - now.share) <= TOLERANCE * Math.max(now.share, 1e-3)
              && Math.abs(next.slope - now.slope) <= 1e-4 * Math.abs(now.slope);
      now = next;
      if (still) {
        break;
      }
    }
    return now;
  }

  /** Probability that a sample with this score is bad. */
  double posterior(double score) {
    double odds = Math.exp(Math.max(-40, Math.min(40, -(intercept + slope * score))));
    return share / (share + (1 - share) * odds);
  }

  private TiltedMixture step(List<ScoreCounts.Cell> cells, double samples) {
    int n = cells.size();
    double[] bad = new double[n];
    double[] rows = new double[n];
    double expected = 0;
    double positives = 0;
    double all = 0;
    for (int i = 0; i < n; i++) {
      ScoreCounts.Cell cell = cells.get(i);
      double own = cell.samples() * posterior(cell.score());
      expected += own;
      bad[i] = cell.canaries() + own;
      rows[i] = cell.rows();
      positives += bad[i];
      all += rows[i];
    }
    double offset = Math.log(positives / Math.max(all - positives, SMALLEST));
    return new TiltedMixture(Math.max(expected / samples, SMALLEST), intercept, slope)
        .newton(cells, bad, rows, offset);
  }

  /** One Newton step of the logistic regression of {@code bad} among {@code rows}. */
  private TiltedMixture newton(
      List<ScoreCounts.Cell> cells, double[] bad, double[] rows, double offset) {
    double g0 = 0;
    double g1 = 0;
    double h00 = 1e-9;
    double h01 = 0;
    double h11 = 1e-9;
    for (int i = 0; i < bad.length; i++) {
      double s = cells.get(i).score();
      double p = 1 / (1 + Math.exp(-(intercept + slope * s + offset)));
      double residual = bad[i] - rows[i] * p;
      double curvature = rows[i] * p * (1 - p);
      g0 += residual;
      g1 += residual * s;
      h00 += curvature;
      h01 += curvature * s;
      h11 += curvature * s * s;
    }
    double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-12 * h00 * h11)) {
      return this;
    }
    double step0 = bounded((h11 * g0 - h01 * g1) / determinant);
    double step1 = bounded((h00 * g1 - h01 * g0) / determinant);
    return new TiltedMixture(share, intercept + step0, Math.max(slope + step1, 0));
  }

  /** A Newton step far from the optimum may overshoot; a log-odds moves by one at most. */
  private static double bounded(double step) {
    return Math.max(-1, Math.min(1, step));
  }
}
