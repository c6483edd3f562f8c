package io.recant.core.repair;

import io.recant.core.label.ExactSums;
import io.recant.core.stats.IsotonicFit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How often a suggestion is right where the given target is wrong, by how strong it is: an {@link
 * IsotonicFit} to the suggestions for known errors, in bins of at least twenty, each block's share
 * as (right + 1/2) / (n + 1), linear between the blocks' mean strengths. Never falls as strength
 * grows.
 */
public final class SuggestionCalibration implements Serializable {

  private static final double BIN = 20;

  private final double[] strength;
  private final double[] share;
  private final double[] from;

  private SuggestionCalibration(double[] strength, double[] share, double[] from) {
    this.strength = strength;
    this.share = share;
    this.from = from;
  }

  /** Suggestions for known errors, counted by strength in steps of 1/1000; mergeable. */
  public static final class Counts implements Serializable {

    private static final int STEPS = 1000;

    private final ExactSums rows = new ExactSums(STEPS + 1);
    private final ExactSums right = new ExactSums(STEPS + 1);

    /**
     * Takes a suggestion in.
     *
     * @param strength in [0, 1]
     * @param weight how much it counts, not negative
     */
    public void add(double strength, boolean isRight, double weight) {
      int at = step(strength);
      rows.add(at, weight);
      right.add(at, isRight ? weight : 0);
    }

    /** Takes another's suggestions in. */
    public Counts merge(Counts other) {
      rows.merge(other.rows);
      right.merge(other.right);
      return this;
    }

    /** The summed weight. */
    public double total() {
      double total = 0;
      for (int i = 0; i <= STEPS; i++) {
        total += rows.get(i);
      }
      return total;
    }

    private static int step(double strength) {
      return (int) Math.rint(Math.max(0, Math.min(1, strength)) * STEPS);
    }
  }

  /** Fits counts of at least one suggestion. */
  public static SuggestionCalibration of(Counts counts) {
    List<double[]> bins = bins(counts);
    double[] shares = bins.stream().mapToDouble(b -> b[2] / b[1]).toArray();
    double[] rows = bins.stream().mapToDouble(b -> b[1]).toArray();
    List<IsotonicFit.Block> blocks = IsotonicFit.blocks(shares, rows);
    double[] strength = new double[blocks.size()];
    double[] share = new double[blocks.size()];
    for (int i = 0; i < strength.length; i++) {
      IsotonicFit.Block block = blocks.get(i);
      for (double[] bin : bins.subList(block.from(), block.to())) {
        strength[i] += bin[0] / block.weight();
      }
      double smoothed = (block.value() * block.weight() + 0.5) / (block.weight() + 1);
      share[i] = i == 0 ? smoothed : Math.max(share[i - 1], smoothed);
    }
    return new SuggestionCalibration(strength, share, from(counts));
  }

  /** The share that is right, in (0, 1). */
  public double at(double s) {
    int at = Arrays.binarySearch(strength, s);
    if (at >= 0) {
      return share[at];
    }
    int above = -at - 1;
    if (above == 0 || above == strength.length) {
      return share[above == 0 ? 0 : above - 1];
    }
    double part = (s - strength[above - 1]) / (strength[above] - strength[above - 1]);
    return share[above - 1] + part * (share[above] - share[above - 1]);
  }

  /** How many known errors have a suggestion of that strength or a stronger one. */
  public double knownFrom(double s) {
    return from[Counts.step(s)];
  }

  private static double[] from(Counts counts) {
    double[] from = new double[Counts.STEPS + 1];
    double sum = 0;
    for (int i = Counts.STEPS; i >= 0; i--) {
      sum += counts.rows.get(i);
      from[i] = sum;
    }
    return from;
  }

  /** Each {strength times rows, rows, right}; a rest too small for a bin joins the last. */
  private static List<double[]> bins(Counts counts) {
    List<double[]> bins = new ArrayList<>();
    double[] open = new double[3];
    for (int i = 0; i <= Counts.STEPS; i++) {
      double rows = counts.rows.get(i);
      open[0] += rows * i / Counts.STEPS;
      open[1] += rows;
      open[2] += counts.right.get(i);
      if (open[1] >= BIN) {
        bins.add(open);
        open = new double[3];
      }
    }
    if (open[1] > 0 && !bins.isEmpty()) {
      double[] last = bins.get(bins.size() - 1);
      for (int i = 0; i < open.length; i++) {
        last[i] += open[i];
      }
    } else if (open[1] > 0) {
      bins.add(open);
    }
    return bins;
  }
}
