package io.recant.core.label;

import java.io.Serializable;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How many labels are flipped at random, from the tails of the predictions: a label among the
 * classes a model all but rules out is there by accident. Per row, the tail is the leading classes
 * in the order of P_c / share_c whose shares sum to at most {@value #MASS}; the rate is the number
 * of labels found in their row's tail over the sum of what the tails would catch of random labels.
 * Ours; derived, not published. Random labels are taken as uniform or as drawn by class frequency,
 * whichever explains the labels caught better. Mergeable.
 */
public final class BackgroundRate implements Serializable {

  /** Share of all labels that a tail may cover. */
  public static final double MASS = 0.3;

  private static final double LEAST = 1e-3;
  private static final double MOST = 0.7;

  private final double[] shares;
  private final ExactSums caught = new ExactSums(4);
  private long hits;

  /** No rows yet. */
  public BackgroundRate(double[] shares) {
    this.shares = shares.clone();
  }

  /** Takes one row in. */
  public void add(int given, double[] p) {
    Integer[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> p[k] / Math.max(1e-9, shares[k])))
            .toArray(Integer[]::new);
    double mass = 0;
    int size = 0;
    boolean hit = false;
    while (size < order.length && mass + shares[order[size]] <= MASS + 1e-9) {
      mass += shares[order[size]];
      hit |= order[size] == given;
      size++;
    }
    caught.add(0, mass);
    caught.add(1, (double) size / p.length);
    if (hit) {
      hits++;
      caught.add(2, Math.log(shares[given] / mass));
      caught.add(3, Math.log(1.0 / size));
    }
  }

  /** Takes another state's rows in. */
  public BackgroundRate merge(BackgroundRate other) {
    caught.merge(other.caught);
    hits += other.hits;
    return this;
  }

  /** What a flipped label is drawn from: the class shares or the uniform distribution. */
  public double[] base() {
    double[] base = shares.clone();
    if (uniform()) {
      java.util.Arrays.fill(base, 1.0 / base.length);
    }
    return base;
  }

  /** The share of labels drawn at random, in [0.001, 0.7]; the least where no tail exists. */
  public double rate() {
    double mass = caught.get(uniform() ? 1 : 0);
    return mass <= 0 ? LEAST : Math.max(LEAST, Math.min(MOST, hits / mass));
  }

  private boolean uniform() {
    return caught.get(3) > caught.get(2);
  }
}
