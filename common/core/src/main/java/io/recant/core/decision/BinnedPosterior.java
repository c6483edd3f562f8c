package io.recant.core.decision;

import io.recant.core.stats.IsotonicFit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The probability that a sample is bad as bins tell it, rising with the score: in each bin on
 * average
 *
 * <pre>min(1, k f_canaries / f_samples)</pre>
 *
 * <p>with k such that the mean over all samples is the share of bad ones. Bins whose ratio falls
 * are pooled ({@link IsotonicFit}). Within bins the log-odds run in straight lines between heights
 * at the bins' mean scores. Where bad and good samples lie apart a bin may hold some of both, or
 * the step between them: its height is therefore not its mean, but what makes the line's mean over
 * its samples that mean. Straight lines between the means themselves would make good samples
 * suspicious and bad ones less so.
 */
final class BinnedPosterior implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final double LEAST = 1e-6;

  /** Log-odds beyond which probabilities are 0 and 1. */
  private static final double FAR = 20;

  /** No log-odds is looked for beyond. */
  private static final double WIDEST = 100;

  private static final int HALVINGS = 60;

  /** Heights move towards each bin's mean so often, by that part of what is missing. */
  private static final int STEPS = 30;

  private static final double PART = 0.7;

  private final double[] score;
  private final double[] height;

  private BinnedPosterior(double[] score, double[] height) {
    this.score = score;
    this.height = height;
  }

  /**
   * Fits the function.
   *
   * @param counts canaries and samples per score; some of each
   * @param bins how many there are before any are pooled
   * @param share of the samples that are bad
   */
  static BinnedPosterior of(ScoreCounts counts, int bins, double share) {
    List<ScoreCounts.Cell> blocks = blocks(counts.binned(bins).cells());
    double[] score = blocks.stream().mapToDouble(ScoreCounts.Cell::score).toArray();
    double[] mean = means(blocks, counts, share);
    double[] wanted = Arrays.stream(mean).map(BinnedPosterior::logOdds).toArray();
    int[] block = blockOfEachCell(counts, blocks);
    double[] height = wanted.clone();
    for (int step = 0; step < STEPS; step++) {
      double[] reached = new BinnedPosterior(score, height).means(counts, block);
      for (int b = 0; b < height.length; b++) {
        if (blocks.get(b).samples() > 0) {
          double moved = height[b] + PART * (wanted[b] - logOdds(reached[b]));
          height[b] = Math.max(-FAR, Math.min(FAR, moved));
        }
      }
      height = rising(height);
    }
    double[] last = height;
    double shift = shift(counts, share, s -> new BinnedPosterior(score, last).logOddsAt(s));
    return new BinnedPosterior(score, Arrays.stream(last).map(h -> h + shift).toArray());
  }

  /** p_bad of a score, in (0, 1). */
  double at(double s) {
    return probability(logOddsAt(s));
  }

  /** What has to be added to log-odds for the mean probability of the samples to be the share. */
  static double shift(ScoreCounts counts, double share, DoubleUnaryOperator logOdds) {
    double[] each =
        counts.cells().stream().mapToDouble(c -> logOdds.applyAsDouble(c.score())).toArray();
    return risingRoot(
        shift -> {
          double sum = 0;
          for (int i = 0; i < each.length; i++) {
            sum += counts.cells().get(i).samples() * probability(each[i] + shift);
          }
          return sum / counts.samples() - share;
        });
  }

  static double probability(double logOdds) {
    return 1 / (1 + Math.exp(-logOdds));
  }

  /** Where a function that rises from below 0 to above it is 0; an end where it does not. */
  private static double risingRoot(DoubleUnaryOperator function) {
    double low = -WIDEST;
    double high = WIDEST;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (function.applyAsDouble(middle) < 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  /** min(1, k ratio) of each block. */
  private static double[] means(List<ScoreCounts.Cell> blocks, ScoreCounts counts, double share) {
    double[] ratio =
        blocks.stream()
            .mapToDouble(b -> (b.canaries() / counts.canaries()) / (b.samples() / counts.samples()))
            .toArray();
    double k =
        Math.exp(
            risingRoot(
                logK -> {
                  double sum = 0;
                  for (int b = 0; b < ratio.length; b++) {
                    // A block of canaries alone has an infinite ratio, and no sample to count.
                    double samples = blocks.get(b).samples();
                    sum += samples == 0 ? 0 : samples * Math.min(1, Math.exp(logK) * ratio[b]);
                  }
                  return sum / counts.samples() - share;
                }));
    return Arrays.stream(ratio).map(r -> Math.min(1, k * r)).toArray();
  }

  private static int[] blockOfEachCell(ScoreCounts counts, List<ScoreCounts.Cell> blocks) {
    int[] block = new int[counts.cells().size()];
    int at = 0;
    double before = 0;
    for (int i = 0; i < block.length; i++) {
      double rows = counts.cells().get(i).rows();
      while (at < blocks.size() - 1 && before + rows / 2 > blocks.get(at).rows()) {
        before -= blocks.get(at).rows();
        at++;
      }
      block[i] = at;
      before += rows;
    }
    return block;
  }

  /** The mean over each block's samples; NaN where there is none. */
  private double[] means(ScoreCounts counts, int[] block) {
    double[] sum = new double[height.length];
    double[] samples = new double[height.length];
    for (int i = 0; i < block.length; i++) {
      ScoreCounts.Cell cell = counts.cells().get(i);
      sum[block[i]] += cell.samples() * at(cell.score());
      samples[block[i]] += cell.samples();
    }
    for (int b = 0; b < sum.length; b++) {
      sum[b] /= samples[b];
    }
    return sum;
  }

  private double logOddsAt(double s) {
    int at = Arrays.binarySearch(score, s);
    if (at >= 0) {
      return height[at];
    }
    int above = -at - 1;
    if (above == 0) {
      return height[0] + s - score[0];
    }
    if (above == score.length) {
      return height[above - 1] + s - score[above - 1];
    }
    double part = (s - score[above - 1]) / (score[above] - score[above - 1]);
    return height[above - 1] + part * (height[above] - height[above - 1]);
  }

  private static double logOdds(double p) {
    double clipped = Math.min(Math.max(p, LEAST), 1 - LEAST);
    return Math.log(clipped / (1 - clipped));
  }

  private static double[] rising(double[] values) {
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    double[] rising = new double[values.length];
    for (IsotonicFit.Block block : IsotonicFit.blocks(values, ones)) {
      Arrays.fill(rising, block.from(), block.to(), block.value());
    }
    return rising;
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
}
