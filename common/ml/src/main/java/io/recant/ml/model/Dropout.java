package io.recant.ml.model;

import ai.djl.ndarray.NDArray;

/**
 * Random silencing of units while training (Srivastava et al., 2014), from a generator of its own,
 * and whatever else a model draws in its training passes. PyTorch's generator belongs to the whole
 * JVM, so two tasks at work would change each other's draws.
 *
 * <p>The generator is SplitMix64 (Steele et al., 2014), whose n-th draw is a function of the seed
 * and n: a place in it is one number, and rows of a batch get the same draws whether they go
 * through the model together or in parts. For one thread.
 */
public final class Dropout {

  private static final Dropout OFF = new Dropout(false, 0, 0, 0, 0);

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private final boolean on;
  private final long seed;
  private final long firstRow;
  private final long allRows;
  private long drawn;

  private Dropout(boolean on, long seed, long firstRow, long allRows, long drawn) {
    this.on = on;
    this.seed = seed;
    this.firstRow = firstRow;
    this.allRows = allRows;
    this.drawn = drawn;
  }

  /** None: the model as it is used. */
  public static Dropout off() {
    return OFF;
  }

  /** As in training; equal seeds draw equal units in equal order. */
  public static Dropout seeded(long seed) {
    return new Dropout(true, seed, 0, 0, 0);
  }

  /** How far in its generator this is. */
  public long drawn() {
    return drawn;
  }

  /** The same generator at another place. */
  public Dropout at(long place) {
    return on ? new Dropout(true, seed, firstRow, allRows, place) : this;
  }

  /**
   * The same generator at the same place for some rows of a batch. Having been applied it is as far
   * as if it had been applied to the whole batch.
   *
   * @param first the first of the rows, from 0
   * @param all how many rows the whole batch has
   */
  public Dropout rows(long first, long all) {
    return on ? new Dropout(true, seed, first, all, drawn) : this;
  }

  /**
   * Sets each element to zero with probability {@code rate} and divides the others by {@code 1 -
   * rate}, so that expectations stay. The result belongs to the manager of {@code x}.
   *
   * @param x one row an example
   * @param rate in [0, 1)
   */
  public NDArray apply(NDArray x, double rate) {
    if (!on || rate == 0) {
      return x;
    }
    float[] kept = new float[Math.toIntExact(x.size())];
    float scale = (float) (1 / (1 - rate));
    long width = x.size() / x.getShape().get(0);
    long first = firstRow * width;
    // One draw of 64 bits decides four elements, each against a 16-bit threshold.
    int threshold = (int) Math.round(rate * 65536);
    long bits = 0;
    for (int i = 0; i < kept.length; i++) {
      long element = first + i;
      int part = (int) (element % 4);
      if (i == 0 || part == 0) {
        bits = draw(drawn + element / 4);
      }
      kept[i] = (bits >>> 16 * part & 0xffff) < threshold ? 0 : scale;
    }
    drawn += (Math.max(allRows, x.getShape().get(0)) * width + 3) / 4;
    return x.mul(x.getManager().create(kept, x.getShape()));
  }

  /** Whether a pass with this is one of a training. */
  public boolean isOn() {
    return on;
  }

  /**
   * 64 random bits for each row, for what is drawn once per row of a training pass. As with {@link
   * #apply}, rows get the same bits whether they go through the model together or in parts.
   *
   * @param rows how many, of this or of the part of the batch that this is for
   * @throws IllegalStateException when this is {@link #off}
   */
  public long[] bits(int rows) {
    if (!on) {
      throw new IllegalStateException("nothing is drawn outside of training");
    }
    long[] bits = new long[rows];
    for (int i = 0; i < rows; i++) {
      bits[i] = draw(drawn + firstRow + i);
    }
    drawn += Math.max(allRows, rows);
    return bits;
  }

  private long draw(long n) {
    long z = seed + (n + 1) * GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
