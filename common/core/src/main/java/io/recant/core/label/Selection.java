package io.recant.core.label;

import java.io.Serializable;

/**
 * Finds the n largest keys of each cell in a few passes over the rows, holding counts only: each
 * pass fixes eight more bits of the key at which a cell's quota ends. Exact where keys differ; rows
 * that share the key at the end are all selected. A pass holds 2 KiB per cell that is still open.
 */
public final class Selection implements Serializable {

  private static final int BITS = 8;
  private static final int BINS = 1 << BITS;
  private static final int TOP = 56;
  private static final int TIE_BITS = 9;
  private static final long[] NONE = new long[BINS];

  private final long[] remaining;
  private final long[] cut;
  private final boolean[] open;
  private final int shift;

  private Selection(long[] remaining, long[] cut, boolean[] open, int shift) {
    this.remaining = remaining;
    this.cut = cut;
    this.open = open;
    this.shift = shift;
  }

  /** Nothing known yet but how many keys are wanted of each cell. */
  public static Selection of(long[] quotas) {
    long[] cut = new long[quotas.length];
    boolean[] open = new boolean[quotas.length];
    for (int cell = 0; cell < quotas.length; cell++) {
      open[cell] = quotas[cell] > 0;
      cut[cell] = open[cell] ? 0 : Long.MAX_VALUE;
    }
    return new Selection(quotas.clone(), cut, open, TOP);
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

  /** Whether anything of a cell is wanted. */
  public boolean wants(int cell) {
    return cut[cell] != Long.MAX_VALUE;
  }

  /** Whether a key is among those wanted of its cell; final once {@link #resolved}. */
  public boolean selects(int cell, long key) {
    return key >= cut[cell];
  }

  /** Whether a cell's cut is still to be found. */
  boolean open(int cell) {
    return open[cell];
  }

  /** Whether a key may be where its cell's quota ends: the passes to come need no other keys. */
  boolean undecided(int cell, long key) {
    return open[cell] && (shift == TOP || key >>> (shift + BITS) == cut[cell] >>> (shift + BITS));
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
    for (int cell = 0; cell < open.length; cell++) {
      long[] bins = pass.counts[cell] == null ? NONE : pass.counts[cell];
      int digit = BINS - 1;
      while (open[cell] && digit >= 0 && bins[digit] <= left[cell] && left[cell] > 0) {
        left[cell] -= bins[digit--];
      }
      if (!open[cell]) {
        continue;
      }
      if (left[cell] == 0 && digit < BINS - 1) {
        cuts[cell] += (long) (digit + 1) << shift;
      } else if (digit >= 0) {
        cuts[cell] += (long) digit << shift;
        still[cell] = shift > 0;
      }
    }
    return new Selection(left, cuts, still, Math.max(0, shift - BITS));
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
        counts[cell][(int) (key >>> selection.shift) & (BINS - 1)]++;
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
