package io.recant.core.decision;

import java.io.Serializable;

/**
 * The probability that a sample with a score is bad, strictly increasing in the score:
 *
 * <pre>p_bad(s) = min(1, share f_canaries(s) / f_samples(s))</pre>
 *
 * <p>The density ratio is taken in bins of equal mass (of some twenty canaries, fewer where there
 * are few) by a {@link BinnedPosterior}. Few canaries fill few bins. Of fewer than {@value
 * #ENOUGH_CANARIES} the posterior of the {@link TiltedMixture} behind the share takes the bins'
 * place, the more the fewer there are.
 *
 * <p>One hundredth of the weight is given to the logistic posterior of s, so that rows between
 * which the bins cannot tell keep the order of their scores. All three have the share as mean over
 * the samples, and so has p_bad.
 */
public final class BadProbability implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final double LOGISTIC_WEIGHT = 0.01;
  private static final double LEAST = 1e-6;

  private static final int CANARIES_A_BIN = 20;

  /** From so many on the bins alone are right. */
  private static final double ENOUGH_CANARIES = 20 * CANARIES_A_BIN;

  private final BinnedPosterior binned;
  private final Line fitted;
  private final Line logistic;
  private final double fittedWeight;

  /** Log-odds that are linear in the score. */
  private record Line(double intercept, double slope) implements Serializable {

    static Line of(double slope, ScoreCounts counts, double share) {
      return new Line(BinnedPosterior.shift(counts, share, s -> slope * s), slope);
    }

    double at(double s) {
      return BinnedPosterior.probability(intercept + slope * s);
    }
  }

  private BadProbability(BinnedPosterior binned, Line fitted, Line logistic, double fittedWeight) {
    this.binned = binned;
    this.fitted = fitted;
    this.logistic = logistic;
    this.fittedWeight = fittedWeight;
  }

  /**
   * Fits the function.
   *
   * @param counts canaries and samples per joined score, in log-odds; some of each
   * @param errors the share of the samples that are bad, and the fit behind it
   */
  public static BadProbability of(ScoreCounts counts, ErrorShare errors) {
    double share = Math.max(errors.share(), LEAST);
    int bins = (int) Math.max(5, Math.min(100, counts.canaries() / CANARIES_A_BIN));
    return new BadProbability(
        BinnedPosterior.of(counts, bins, share),
        Line.of(errors.mixture().weights()[0], counts, share),
        Line.of(1, counts, share),
        Math.max(0, 1 - counts.canaries() / ENOUGH_CANARIES));
  }

  /** p_bad of a score, in (0, 1). */
  public double at(double s) {
    double told = (1 - fittedWeight) * binned.at(s) + fittedWeight * fitted.at(s);
    return (1 - LOGISTIC_WEIGHT) * told + LOGISTIC_WEIGHT * logistic.at(s);
  }

  /** The mean over the samples. */
  double mean(ScoreCounts counts) {
    double sum = 0;
    for (ScoreCounts.Cell cell : counts.cells()) {
      sum += cell.samples() * at(cell.score());
    }
    return sum / counts.samples();
  }
}
