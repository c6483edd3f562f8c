package io.recant.core.decision;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Samples from the most to the least suspicious with their probability of being bad: what a {@link
 * CutRule} chooses from. A cut is a number of steps from the top: 0 flags nothing, {@link #steps}
 * flags everything; rows of one score are flagged together.
 */
public final class RankedSamples {

  private final double[] score;
  private final double[] probability;
  private final double[] flagged;
  private final double[] expected;
  private final double[] recalled;
  private final double canaries;

  private RankedSamples(
      double[] score,
      double[] probability,
      double[] flagged,
      double[] expected,
      double[] recalled,
      double canaries) {
    this.score = score;
    this.probability = probability;
    this.flagged = flagged;
    this.expected = expected;
    this.recalled = recalled;
    this.canaries = canaries;
  }

  /**
   * Ranks samples.
   *
   * @param counts samples (and canaries, if there are any) per score
   * @param probability of being bad, non-decreasing in the score
   */
  public static RankedSamples of(ScoreCounts counts, DoubleUnaryOperator probability) {
    List<ScoreCounts.Cell> cells = counts.cells();
    int n = cells.size();
    RankedSamples ranked =
        new RankedSamples(
            new double[n],
            new double[n],
            new double[n + 1],
            new double[n + 1],
            new double[n + 1],
            counts.canaries());
    for (int i = 0; i < n; i++) {
      ScoreCounts.Cell cell = cells.get(n - 1 - i);
      ranked.score[i] = cell.score();
      ranked.probability[i] = probability.applyAsDouble(cell.score());
      ranked.flagged[i + 1] = ranked.flagged[i] + cell.samples();
      ranked.expected[i + 1] = ranked.expected[i] + cell.samples() * ranked.probability[i];
      ranked.recalled[i + 1] = ranked.recalled[i] + cell.canaries();
    }
    return ranked;
  }

  /** How many cuts there are beside the empty one. */
  public int steps() {
    return score.length;
  }

  /** All samples. */
  public double samples() {
    return flagged[steps()];
  }

  /** Samples a cut flags. */
  public double flagged(int cut) {
    return flagged[cut];
  }

  /** The lowest score a cut flags; positive infinity when it flags nothing. */
  public double threshold(int cut) {
    return cut == 0 ? Double.POSITIVE_INFINITY : score[cut - 1];
  }

  /** The lowest probability a cut flags; positive infinity when it flags nothing. */
  public double probability(int cut) {
    return cut == 0 ? Double.POSITIVE_INFINITY : probability[cut - 1];
  }

  /** Expected share of bad samples among the flagged: their mean probability; NaN for none. */
  public double precision(int cut) {
    return flagged[cut] == 0 ? Double.NaN : expected[cut] / flagged[cut];
  }

  /** Canaries a cut flags. */
  public double canariesFlagged(int cut) {
    return recalled[cut];
  }

  /** All canaries. */
  public double canaries() {
    return canaries;
  }

  /** Expected share of the bad samples that are flagged; NaN when none is expected. */
  public double recall(int cut) {
    return expected[steps()] == 0 ? Double.NaN : expected[cut] / expected[steps()];
  }

  /** Expected F1: 2 expected hits / (flagged + expected bad); 0 when nothing is flagged. */
  public double f1(int cut) {
    double both = flagged[cut] + expected[steps()];
    return both == 0 ? 0 : 2 * expected[cut] / both;
  }

  /** The last cut that flags at most so many samples. */
  public int atMost(double samples) {
    int cut = 0;
    while (cut < steps() && flagged[cut + 1] <= samples) {
      cut++;
    }
    return cut;
  }

  /** The last cut whose flagged samples all have at least this probability. */
  public int atLeast(double least) {
    int cut = 0;
    while (cut < steps() && probability[cut] >= least) {
      cut++;
    }
    return cut;
  }

  /** The last cut with at least this precision. */
  public int precise(double wanted) {
    int best = 0;
    for (int cut = 1; cut <= steps(); cut++) {
      if (flagged[cut] > 0 && precision(cut) >= wanted) {
        best = cut;
      }
    }
    return best;
  }
}
