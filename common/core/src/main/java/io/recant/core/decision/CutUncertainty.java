package io.recant.core.decision;

import io.recant.core.stats.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * How far the estimated share of bad samples and the estimated precision of a cut may be off by
 * chance: percentiles over redrawn counts (each bin's canaries and samples Poisson around what was
 * seen), the share and p_bad estimated anew each time, at the same threshold. An interval holds the
 * percentiles, their reflection at the estimate, and Wilson's interval for as many rows.
 *
 * <p>Chance only: what canaries and errors differ in by nature is not in here.
 *
 * @param share of the samples that are bad
 * @param precision of the flagged samples; NaN in [0, 1] when none is
 */
public record CutUncertainty(Interval share, Interval precision) {

  private static final int BINS = 60;

  /**
   * Redraws.
   *
   * @param counts what was seen
   * @param estimate the share of bad samples estimated from it
   * @param ranked the samples with the p_bad estimated from it
   * @param cut the cut
   * @param redraws how often
   * @param seed of the draws
   */
  public static CutUncertainty of(
      ScoreCounts counts,
      ErrorShare estimate,
      RankedSamples ranked,
      int cut,
      int redraws,
      long seed) {
    ScoreCounts binned = counts.binnedAround(ranked.threshold(cut), BINS);
    RandomGenerator random = new SplittableRandom(seed);
    double[] shares = new double[redraws];
    double[] precisions = new double[redraws];
    for (int i = 0; i < redraws; i++) {
      ScoreCounts drawn = redrawn(binned, random);
      ErrorShare errors = ErrorShare.of(drawn, estimate);
      shares[i] = errors.share();
      precisions[i] = precision(drawn, errors, ranked.threshold(cut), ranked.precision(cut));
    }
    double flagged = ranked.flagged(cut);
    return new CutUncertainty(
        interval(estimate.share(), shares, counts.samples()),
        flagged == 0 ? Interval.share(0, 0) : interval(ranked.precision(cut), precisions, flagged));
  }

  private static ScoreCounts redrawn(ScoreCounts binned, RandomGenerator random) {
    List<ScoreCounts.Cell> cells =
        binned.cells().stream()
            .map(
                c ->
                    new ScoreCounts.Cell(
                        c.score(), poisson(c.canaries(), random), poisson(c.samples(), random)))
            .filter(c -> c.rows() > 0)
            .toList();
    return ScoreCounts.of(cells);
  }

  private static double precision(
      ScoreCounts drawn, ErrorShare errors, double threshold, double otherwise) {
    BadProbability probability = BadProbability.of(drawn, errors);
    double bad = 0;
    double flagged = 0;
    for (ScoreCounts.Cell cell : drawn.cells()) {
      if (cell.score() >= threshold) {
        bad += cell.samples() * probability.at(cell.score());
        flagged += cell.samples();
      }
    }
    return flagged == 0 ? otherwise : bad / flagged;
  }

  private static Interval interval(double estimate, double[] draws, double rows) {
    double[] sorted = Arrays.stream(draws).sorted().toArray();
    Interval chance = Interval.share(estimate * rows, rows);
    double low = sorted[(int) (0.025 * sorted.length)];
    double high = sorted[(int) (0.975 * sorted.length)];
    double lower = Math.min(chance.lower(), Math.min(low, 2 * estimate - high));
    double upper = Math.max(chance.upper(), Math.max(high, 2 * estimate - low));
    return new Interval(estimate, Math.max(0, lower), Math.min(1, upper));
  }

  /** Knuth's product of uniforms for small means, the normal approximation for large ones. */
  private static double poisson(double mean, RandomGenerator random) {
    if (mean > 30) {
      return Math.max(0, Math.rint(mean + Math.sqrt(mean) * random.nextGaussian()));
    }
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }
}
