package io.recant.core.decision;

import io.recant.core.stats.Ranking;
import java.util.ArrayList;
import java.util.List;

/**
 * How well a score finds bad samples, estimated without knowing them: with F(t) the share of rows
 * that score at least t,
 *
 * <pre>recall(t) = F_canaries(t),  precision(t) = min(1, share F_canaries(t) / F_samples(t))</pre>
 */
public final class CanaryRanking {

  private final ScoreCounts counts;
  private final double share;

  /**
   * A ranking.
   *
   * @param counts canaries and samples per score, some of each
   * @param share of the samples that are bad
   */
  public CanaryRanking(ScoreCounts counts, double share) {
    this.counts = counts;
    this.share = share;
  }

  /** A point for every score that samples have, from the highest down. */
  public List<Ranking.Point> curve() {
    List<Ranking.Point> points = new ArrayList<>();
    List<ScoreCounts.Cell> cells = counts.cells();
    double canaries = 0;
    double samples = 0;
    for (int i = cells.size() - 1; i >= 0; i--) {
      ScoreCounts.Cell cell = cells.get(i);
      canaries += cell.canaries();
      samples += cell.samples();
      if (cell.samples() > 0) {
        double recall = canaries / counts.canaries();
        double precision = Math.min(1, share * recall * counts.samples() / samples);
        points.add(new Ranking.Point(cell.score(), samples, precision, recall));
      }
    }
    return points;
  }

  /** At most {@code most} points of the curve, spread evenly over recall; the ends are kept. */
  public List<Ranking.Point> drawn(int most) {
    List<Ranking.Point> all = curve();
    List<Ranking.Point> some = new ArrayList<>();
    long drawn = -1;
    for (int i = 0; i < all.size(); i++) {
      long slot = (long) Math.floor(all.get(i).recall() * (most - 2));
      if (slot > drawn || i == all.size() - 1) {
        some.add(all.get(i));
        drawn = slot;
      }
    }
    return some;
  }

  /**
   * The last point that flags at most so many samples; nothing flagged where the first flags more.
   */
  public Ranking.Point atFlagged(double most) {
    return curve().stream()
        .filter(point -> point.flagged() <= most)
        .reduce((a, b) -> b)
        .orElse(new Ranking.Point(Double.POSITIVE_INFINITY, 0, Double.NaN, 0));
  }

  /** The sum of precision times the gain in recall. */
  public double averagePrecision() {
    double sum = 0;
    double before = 0;
    for (Ranking.Point point : curve()) {
      sum += point.precision() * (point.recall() - before);
      before = point.recall();
    }
    return sum;
  }

  /**
   * Probability that a bad row scores above a good one, ties counting half. Samples hold bad rows,
   * against which a canary wins half the time: area = (area against samples - share/2) / (1 -
   * share), at most 1.
   */
  public double auroc() {
    double area =
        Ranking.of(
                counts.cells().stream()
                    .map(c -> new Ranking.Bin(c.score(), c.canaries(), c.samples()))
                    .toList())
            .auroc();
    return Math.min(1, (area - share / 2) / (1 - share));
  }
}
