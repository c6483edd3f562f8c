package io.recant.core.decision;

import io.recant.core.stats.Interval;
import java.util.List;

/**
 * An upper bound on the share of bad samples that assumes nothing about the scores (best bin
 * estimation, Garg et al., NeurIPS 2021). With F(t) the share of rows that score at least t,
 *
 * <pre>F_samples(t) = share F_canaries(t) + (1 - share) F_good(t) &gt;= share F_canaries(t)</pre>
 *
 * <p>so F_samples(t) / F_canaries(t) bounds the share at every t, most tightly where good rows are
 * rarest. Chosen is the t with the smallest upper confidence bound: the upper end of Wilson's
 * interval of F_samples over the lower end of F_canaries'. Wilson's rather than Hoeffding's margin
 * because shares of 2 % drown in the latter.
 *
 * <p>Real errors score a little less extremely than canaries do (a canary's neighbours and fold
 * never learned its target), so a bin of the most extreme canaries alone bounds too low: only
 * thresholds that at least {@link #LEAST_SHARE} of the canaries reach are looked at.
 *
 * @param share F_samples / F_canaries at the best threshold
 * @param bound its upper confidence bound
 * @param threshold the best threshold
 */
public record BestBin(double share, double bound, double threshold) {

  /** The share of the canaries a bin must hold. */
  static final double LEAST_SHARE = 1.0 / 3;

  static BestBin of(ScoreCounts counts) {
    BestBin best = new BestBin(1, 1, Double.NEGATIVE_INFINITY);
    List<ScoreCounts.Cell> cells = counts.cells();
    double canaries = 0;
    double samples = 0;
    for (int i = cells.size() - 1; i >= 0; i--) {
      canaries += cells.get(i).canaries();
      samples += cells.get(i).samples();
      if (canaries < LEAST_SHARE * counts.canaries()) {
        continue;
      }
      Interval ofSamples = Interval.share(samples, counts.samples());
      Interval ofCanaries = Interval.share(canaries, counts.canaries());
      double bound = ofSamples.upper() / ofCanaries.lower();
      if (bound < best.bound) {
        best = new BestBin(ofSamples.value() / ofCanaries.value(), bound, cells.get(i).score());
      }
    }
    return best;
  }
}
