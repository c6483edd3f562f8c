package io.recant.core.repair;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * Which classes are given for which: how much more often than classes at large class k is given as
 * g where the label is wrong. With c_kg the known errors of true class k given g, c_k. and c_.g
 * their sums and n all of them,
 *
 * <pre>ln( (c_kg + 20 c_.g / n) / (c_k. + 20) / (c_.g / n) )</pre>
 *
 * <p>0 where errors go to g as often as from any class, or none is known that does. Mergeable.
 */
public final class ClassLift implements Serializable {

  private static final double SHRINKAGE = 20;

  private final Map<Long, Long> pairs = new HashMap<>();
  private final long[] of;
  private final long[] to;
  private long all;

  /** No known error yet. */
  public ClassLift(int classes) {
    of = new long[classes];
    to = new long[classes];
  }

  /** Takes a known error in. */
  public void add(int truth, int given) {
    count(truth, given, 1);
  }

  /** Takes another's errors in. */
  public ClassLift merge(ClassLift other) {
    other.pairs.forEach((pair, n) -> count((int) (pair / of.length), (int) (pair % of.length), n));
    return this;
  }

  /** The formula above, for every true class. */
  public double[] of(int given) {
    return lifts(given, -1);
  }

  /** The same without one known error, which it is asked about. */
  public double[] without(int truth, int given) {
    return lifts(given, truth);
  }

  private double[] lifts(int given, int left) {
    double[] lifts = new double[of.length];
    double one = left < 0 ? 0 : 1;
    double base = (to[given] - one) / Math.max(1, all - one);
    for (int k = 0; base > 0 && k < of.length; k++) {
      double own = k == left ? 1 : 0;
      double pair = pairs.getOrDefault((long) k * of.length + given, 0L) - own;
      lifts[k] = Math.log((pair + SHRINKAGE * base) / (of[k] - own + SHRINKAGE) / base);
    }
    return lifts;
  }

  private void count(int truth, int given, long n) {
    pairs.merge((long) truth * of.length + given, n, Long::sum);
    of[truth] += n;
    to[given] += n;
    all += n;
  }
}
