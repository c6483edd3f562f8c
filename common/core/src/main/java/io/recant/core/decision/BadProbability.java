package io.recant.core.decision;

import io.recant.core.stats.IsotonicFit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The probability that a sample with a score is bad, strictly increasing in the score:
 *
 * <pre>p_bad(s) = min(1, k f_canaries(s) / f_samples(s))</pre>
 *
 * <p>The density ratio is taken in bins of equal mass (of some twenty canaries, fewer where there
 * are few), made monotone by an {@link IsotonicFit} of the canaries' share, and interpolated
 * between the blocks' mean scores. Bayes' rule wants k = share of bad samples; where the ratio is
 * capped at 1 or smoothed, k is moved so that the mean of p_bad over the samples is that share.
 *
 * <p>Few canaries fill few bins, and one that holds the lowest canaries then holds a good part of
 * the good samples as well, and makes all of them suspicious. Of fewer than {@value
 * #ENOUGH_CANARIES} the posterior of the {@link TiltedMixture} behind the share takes the bins'
 * place, the more the fewer there are.
 *
 * <p>One hundredth of the weight is given to the logistic posterior sigma(s + log share/(1 -
 * share)), so that rows between which the bins cannot tell keep the order of their scores.
 */
public final class BadProbability implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final double LOGISTIC_WEIGHT = 0.01;
  private static final double LEAST = 1e-6;

  private static final int CANARIES_A_BIN = 20;

  /** From so many on the bins alone are right. */
  private static final double ENOUGH_CANARIES = 20 * CANARIES_A_BIN;

  private final double[] score;
  private final double[] probability;
  private final Posterior posterior;

  /** What is assumed of the shape: the posteriors of a tilt that was fitted, and of none. */
  private record Posterior(double prior, double intercept, double slope, double weight)
      implements Serializable {

    static Posterior of(ErrorShare errors, double canaries) {
      return new Posterior(
          Math.max(errors.share(), LEAST),
          errors.mixture().intercept(),
          errors.mixture().weights()[0],
          Math.max(0, 1 - canaries / ENOUGH_CANARIES));
    }

    double fitted(double s) {
      return logistic(intercept + slope * s);
    }

    double logistic(double logOdds) {
      return 1 / (1 + Math.exp(-logOdds) * (1 - prior) / prior);
    }
  }

  private BadProbability(double[] score, double[] probability, Posterior posterior) {
    this.score = score;
    this.probability = probability;
    this.posterior = posterior;
  }

  /**
   * Fits the function.
   *
   * @param counts canaries and samples per joined score, in log-odds; some of each
   * @param errors the share of the samples that are bad, and the fit behind it
   */
  public static BadProbability of(ScoreCounts counts, ErrorShare errors) {
    double share = errors.share();
    Posterior posterior = Posterior.of(errors, counts.canaries());
    int bins = (int) Math.max(5, Math.min(100, counts.canaries() / CANARIES_A_BIN));
    List<ScoreCounts.Cell> blocks = blocks(counts.binned(bins).cells());
    double[] score = blocks.stream().mapToDouble(ScoreCounts.Cell::score).toArray();
    double[] ratio =
        blocks.stream()
            .mapToDouble(b -> (b.canaries() / counts.canaries()) / (b.samples() / counts.samples()))
            .toArray();
    double low = Math.log(Math.max(share, LEAST)) - 3;
    double high = Math.log(Math.max(share, LEAST)) + 6;
    BadProbability fit = scaled(score, ratio, 0, posterior);
    for (int i = 0; i < 40 && share > LEAST; i++) {
      double middle = (low + high) / 2;
      fit = scaled(score, ratio, Math.exp(middle), posterior);
      if (fit.mean(counts) < share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return fit;
  }

  /** p_bad of a score, in (0, 1). */
  public double at(double s) {
    double binned =
        (1 - posterior.weight()) * interpolated(s) + posterior.weight() * posterior.fitted(s);
    return (1 - LOGISTIC_WEIGHT) * binned + LOGISTIC_WEIGHT * posterior.logistic(s);
  }

  /** The mean over the samples. */
  double mean(ScoreCounts counts) {
    double sum = 0;
    for (ScoreCounts.Cell cell : counts.cells()) {
      sum += cell.samples() * at(cell.score());
    }
    return sum / counts.samples();
  }

  private static BadProbability scaled(
      double[] score, double[] ratio, double factor, Posterior posterior) {
    double[] probability =
        Arrays.stream(ratio).map(r -> factor == 0 ? 0 : Math.min(1, factor * r)).toArray();
    return new BadProbability(score, probability, posterior);
  }

  /** Neighbouring bins pooled until the canaries' share rises from each to the next. */
  private static List<ScoreCounts.Cell> blocks(List<ScoreCounts.Cell> bins) {
    double[] share = bins.stream().mapToDouble(b -> b.canaries() / b.rows()).toArray();
    double[] rows = bins.stream().mapToDouble(ScoreCounts.Cell::rows).toArray();
    List<ScoreCounts.Cell> blocks = new ArrayList<>();
    for (IsotonicFit.Block block : IsotonicFit.blocks(share, rows)) {
      double canaries = 0;
      double samples = 0;
      double weighted = 0;
      for (ScoreCounts.Cell bin : bins.subList(block.from(), block.to())) {
        canaries += bin.canaries();
        samples += bin.samples();
        weighted += bin.score() * bin.rows();
      }
      blocks.add(new ScoreCounts.Cell(weighted / (canaries + samples), canaries, samples));
    }
    return blocks;
  }

  private double interpolated(double s) {
    int at = Arrays.binarySearch(score, s);
    if (at >= 0) {
      return probability[at];
    }
    int above = -at - 1;
    if (above == 0) {
      return probability[0];
    }
    if (above == score.length) {
      return probability[score.length - 1];
    }
    double part = (s - score[above - 1]) / (score[above] - score[above - 1]);
    return probability[above - 1] + part * (probability[above] - probability[above - 1]);
  }
}
