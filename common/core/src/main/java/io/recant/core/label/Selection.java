package io.recant.core.label;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Finds the n largest keys of each cell in a few passes over the rows, holding counts only: each
 * pass fixes eight more bits of the key at which a cell's quota ends. Exact where keys differ; rows
 * that share the key at the end are all selected. A pass holds 2 KiB per cell that is still open.
 *
 * <p>The largest keys are seldom small ones: the first pass looks at values from 0 up in cells that
 * are known to have so many, in others from {@value #LIKELY} up, and is made again for those that
 * have not.
 */
public final class Selection implements Serializable {

  private static final int BITS = 8;
  private static final int BINS = 1 << BITS;
  private static final int TOP = 56;
  private static final int TIE_BITS = 9;
  private static final long[] NONE = new long[BINS];
  private static final double LIKELY = -0.5;

  private final long[] remaining;
  private final long[] cut;
  private final boolean[] open;

  /** Values below it are not looked at yet. */
  private final double[] floor;

  /** Where the bits begin that a pass is to fix. */
  private final int[] shift;

  private final double least;
  private final long lowestCut;

  private Selection(long[] remaining, long[] cut, boolean[] open, double[] floor, int[] shift) {
    this.remaining = remaining;
    this.cut = cut;
    this.open = open;
    this.floor = floor;
    this.shift = shift;
    long lowest = Long.MAX_VALUE;
    for (long key : cut) {
      lowest = Math.min(lowest, key);
    }
    lowestCut = lowest;
    double needed = 1;
    for (int cell = 0; cell < open.length; cell++) {
      needed = open[cell] ? Math.min(needed, floor[cell]) : needed;
    }
    least = needed;
  }

  /** Nothing known yet but how many keys are wanted of each cell. */
  public static Selection of(long[] quotas) {
    return of(quotas, new long[quotas.length]);
  }

  /**
   * Nothing known yet but how many keys are wanted of each cell.
   *
   * @param positive so many keys at least of each cell have values of 0 or more
   */
  static Selection of(long[] quotas, long[] positive) {
    long[] cut = new long[quotas.length];
    boolean[] open = new boolean[quotas.length];
    for (int cell = 0; cell < quotas.length; cell++) {
      open[cell] = quotas[cell] > 0;
      cut[cell] = open[cell] ? 0 : Long.MAX_VALUE;
    }
    double[] floor = new double[quotas.length];
    Arrays.setAll(floor, cell -> positive[cell] >= quotas[cell] ? 0 : LIKELY);
    int[] shift = new int[quotas.length];
    Arrays.fill(shift, TOP);
    return new Selection(quotas.clone(), cut, open, floor, shift);
  }

  /**
   * A key: larger for larger values, and for equal values in an order of its own.
   *
   * @param value in [-1, 1], kept to 2^-52: predictions near certainty differ that little
   * @param tie a hash of the row, so that ties are broken alike everywhere
   */
  public static long key(double value, long tie) {
    long level = (long) ((Math.max(-1, Math.min(1, value)) + 1) * (1L << 52));
    return level << TIE_BITS | tie >>> (Long.SIZE - TIE_BITS);
  }

  /** Whether every cell's cut is known. */
  public boolean resolved() {
    for (boolean cell : open) {
      if (cell) {
        return false;
      }
    }
    return true;
  }

  /** Whether a key is among those wanted of its cell; final once {@link #resolved}. */
  public boolean selects(int cell, long key) {
    return key >= lowestCut && key >= cut[cell];
  }

  /** Whether a key may be where its cell's quota ends: the passes to come need no other keys. */
  boolean undecided(int cell, long key) {
    int known = shift[cell] + BITS;
    return open[cell]
        && (shift[cell] == TOP ? key >= key(floor[cell], 0) : key >>> known == cut[cell] >>> known);
  }

  /** Keys of smaller values are not needed by the next pass. */
  double least() {
    return least;
  }

  /** Whether the next pass needs all rows, and not just those {@link #undecided}. */
  boolean begins() {
    for (int cell = 0; cell < open.length; cell++) {
      if (open[cell] && shift[cell] == TOP) {
        return true;
      }
    }
    return false;
  }

  /** Counts of one pass; mergeable. */
  public Pass pass() {
    return new Pass(this);
  }

  /** What is known after a pass over all rows. */
  public Selection after(Pass pass) {
    long[] left = remaining.clone();
    long[] cuts = cut.clone();
    boolean[] still = new boolean[open.length];
    double[] lower = floor.clone();
    int[] next = shift.clone();
    for (int cell = 0; cell < open.length; cell++) {
      if (!open[cell]) {
        continue;
      }
      long[] bins = pass.counts[cell] == null ? NONE : pass.counts[cell];
      if (floor[cell] > -1 && shift[cell] == TOP && Arrays.stream(bins).sum() < remaining[cell]) {
        still[cell] = true;
        lower[cell] = -1;
        continue;
      }
      int digit = BINS - 1;
      while (digit >= 0 && bins[digit] <= left[cell] && left[cell] > 0) {
        left[cell] -= bins[digit--];
      }
      if (left[cell] == 0 && digit < BINS - 1) {
        cuts[cell] += (long) (digit + 1) << shift[cell];
      } else if (digit >= 0) {
        cuts[cell] += (long) digit << shift[cell];
        still[cell] = shift[cell] > 0;
      }
      next[cell] = Math.max(0, shift[cell] - BITS);
    }
    return new Selection(left, cuts, still, lower, next);
  }

  /** Counts keys by their next bits. */
  public static final class Pass implements Serializable {

    private final Selection selection;
    private final long[][] counts;

    private Pass(Selection selection) {
      this.selection = selection;
      counts = new long[selection.open.length][];
    }

    /** Takes a key in. */
    public void add(int cell, long key) {
      if (selection.undecided(cell, key)) {
        if (counts[cell] == null) {
          counts[cell] = new long[BINS];
        }
        counts[cell][(int) (key >>> selection.shift[cell]) & (BINS - 1)]++;
      }
    }

    /** Takes another pass's keys in. */
    public Pass merge(Pass other) {
      for (int cell = 0; cell < counts.length; cell++) {
        long[] bins = other.counts[cell];
        if (counts[cell] == null) {
          counts[cell] = bins;
        } else if (bins != null) {
          for (int i = 0; i < BINS; i++) {
            counts[cell][i] += bins[i];
          }
        }
      }
      return this;
    }
  }
}
