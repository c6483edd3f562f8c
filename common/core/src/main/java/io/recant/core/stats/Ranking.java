package io.recant.core.stats;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How well a score separates bad rows from good ones, from counts per distinct score: what a
 * distributed job can collect after rounding scores, however many rows there are.
 */
public final class Ranking {

  private final List<Bin> bins;
  private final double bad;
  private final double good;

  /**
   * The rows of one score. Counts may be weights.
   *
   * @param score the score; higher is more suspicious
   * @param bad rows that are bad
   * @param good rows that are not
   */
  public record Bin(double score, double bad, double good) {}

  /**
   * A point of the precision-recall curve.
   *
   * @param threshold rows with at least this score are flagged
   * @param flagged how many that are
   * @param precision share of the flagged that are bad
   * @param recall share of the bad that are flagged
   */
  public record Point(double threshold, double flagged, double precision, double recall) {

    /** Harmonic mean of precision and recall; 0 when both are 0. */
    public double f1() {
      return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
  }

  private Ranking(List<Bin> bins) {
    this.bins = bins;
    this.bad = bins.stream().mapToDouble(Bin::bad).sum();
    this.good = bins.stream().mapToDouble(Bin::good).sum();
  }

  /** From bins in any order; bins of one score are one tie. */
  public static Ranking of(List<Bin> bins) {
    List<Bin> merged = new ArrayList<>();
    for (Bin bin :
        bins.stream().sorted(Comparator.comparingDouble((Bin b) -> -b.score())).toList()) {
      int last = merged.size() - 1;
      if (last >= 0 && merged.get(last).score() == bin.score()) {
        Bin tie = merged.get(last);
        merged.set(last, new Bin(tie.score(), tie.bad() + bin.bad(), tie.good() + bin.good()));
      } else {
        merged.add(bin);
      }
    }
    return new Ranking(merged);
  }

  /** From one score and one verdict per row. */
  public static Ranking of(double[] scores, boolean[] isBad) {
    List<Bin> bins = new ArrayList<>(scores.length);
    for (int i = 0; i < scores.length; i++) {
      bins.add(new Bin(scores[i], isBad[i] ? 1 : 0, isBad[i] ? 0 : 1));
    }
    return of(bins);
  }

  /** Bad rows. */
  public double bad() {
    return bad;
  }

  /** Good rows. */
  public double good() {
    return good;
  }

  /** Every point of the curve, from the highest threshold to the lowest. */
  public List<Point> curve() {
    List<Point> points = new ArrayList<>(bins.size());
    double hits = 0;
    double flagged = 0;
    for (Bin bin : bins) {
      hits += bin.bad();
      flagged += bin.bad() + bin.good();
      points.add(
          new Point(
              bin.score(), flagged, flagged == 0 ? 0 : hits / flagged, bad == 0 ? 0 : hits / bad));
    }
    return points;
  }

  /**
   * Average precision: the sum of precision times the gain in recall, without interpolation, as
   * scikit-learn computes it. NaN when nothing is bad.
   */
  public double averagePrecision() {
    if (bad == 0) {
      return Double.NaN;
    }
    double sum = 0;
    double before = 0;
    for (Point point : curve()) {
      sum += point.precision() * (point.recall() - before);
      before = point.recall();
    }
    return sum;
  }

  /**
   * Probability that a bad row scores above a good one, ties counting half. NaN when either kind is
   * missing.
   */
  public double auroc() {
    if (bad == 0 || good == 0) {
      return Double.NaN;
    }
    double area = 0;
    double badAbove = 0;
    for (Bin bin : bins) {
      area += bin.good() * (badAbove + bin.bad() / 2);
      badAbove += bin.bad();
    }
    return area / (bad * good);
  }

  /** The point of the curve with the best F1; the highest threshold of several. */
  public Point best() {
    return curve().stream()
        .reduce((a, b) -> b.f1() > a.f1() ? b : a)
        .orElse(new Point(Double.POSITIVE_INFINITY, 0, 0, 0));
  }

  /** The point reached by flagging every row with at least this score. */
  public Point at(double threshold) {
    return curve().stream()
        .filter(point -> point.threshold() >= threshold)
        .reduce((a, b) -> b)
        .orElse(new Point(threshold, 0, 0, 0));
  }

  /**
   * The last point that flags at most so many rows; nothing flagged where even the first flags
   * more.
   */
  public Point atFlagged(double most) {
    return curve().stream()
        .filter(point -> point.flagged() <= most)
        .reduce((a, b) -> b)
        .orElse(new Point(Double.POSITIVE_INFINITY, 0, 0, 0));
  }

  /** At most {@code most} points, spread evenly over recall, for drawing; the ends are kept. */
  public List<Point> drawn(int most) {
    List<Point> all = curve();
    if (all.size() <= most) {
      return all;
    }
    List<Point> some = new ArrayList<>();
    double step = 1.0 / (most - 1);
    double next = 0;
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).recall() >= next || i == all.size() - 1) {
        some.add(all.get(i));
        next = (Math.floor(all.get(i).recall() / step) + 1) * step;
      }
    }
    return some;
  }
}
