package io.recant.core.label;

import java.io.Serializable;

/**
 * Sums that do not depend on the order of their terms, so that a distributed pass gives the same
 * bits however its rows are partitioned. Terms are held in fixed point with 52 binary places
 * (smaller parts of a term are dropped: at most 2.3e-16 a term); the whole part has 63 bits.
 */
public final class ExactSums implements Serializable {

  private static final int PLACES = 52;
  private static final long MASK = (1L << PLACES) - 1;

  private final long[] whole;
  private final long[] fraction;

  /** So many sums, all zero. */
  public ExactSums(int size) {
    whole = new long[size];
    fraction = new long[size];
  }

  /** Adds a term; its magnitude is below 2^62. */
  public void add(int index, double term) {
    double floor = Math.floor(term);
    carry(index, (long) floor, (long) Math.scalb(term - floor, PLACES));
  }

  /** Adds another's sums to these. */
  public ExactSums merge(ExactSums other) {
    for (int i = 0; i < whole.length; i++) {
      carry(i, other.whole[i], other.fraction[i]);
    }
    return this;
  }

  /** A sum, rounded to the nearest double. */
  public double get(int index) {
    return whole[index] + Math.scalb((double) fraction[index], -PLACES);
  }

  private void carry(int index, long addedWhole, long addedFraction) {
    long sum = fraction[index] + addedFraction;
    fraction[index] = sum & MASK;
    whole[index] += addedWhole + (sum >>> PLACES);
  }
}
