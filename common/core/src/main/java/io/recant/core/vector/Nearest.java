package io.recant.core.vector;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The rows nearest to one, ordered from the nearest; equal similarities by key. Mergeable: of two
 * lists the joint nearest are kept; a row that is in both counts once.
 *
 * @param similarities as of {@link VectorFrame}, falling
 * @param keys which rows
 * @param labels their labels, or -1
 */
public record Nearest(float[] similarities, long[] keys, int[] labels) implements Serializable {

  /** No rows. */
  public static final Nearest NONE = new Nearest(new float[0], new long[0], new int[0]);

  /** The {@code most} nearest of two lists. */
  public Nearest merge(Nearest other, int most) {
    Collector merged = new Collector(most);
    for (int i = 0; i < keys.length; i++) {
      merged.offer(similarities[i], keys[i], labels[i]);
    }
    for (int i = 0; i < other.keys.length; i++) {
      merged.offer(other.similarities[i], other.keys[i], other.labels[i]);
    }
    return merged.nearest();
  }

  /** Keeps the nearest of the rows it is offered. */
  public static final class Collector {

    private final float[] similarities;
    private final long[] keys;
    private final int[] labels;
    private int size;

    /** Keeps at most so many. */
    public Collector(int most) {
      similarities = new float[most];
      keys = new long[most];
      labels = new int[most];
    }

    /** Offers a row; one that was kept before, at the same similarity, is passed over. */
    public void offer(float similarity, long key, int label) {
      int at = size;
      while (at > 0 && before(similarity, key, similarities[at - 1], keys[at - 1])) {
        at--;
      }
      boolean known = at > 0 && keys[at - 1] == key && similarities[at - 1] == similarity;
      if (at == keys.length || known) {
        return;
      }
      int moved = Math.min(size, keys.length - 1) - at;
      System.arraycopy(similarities, at, similarities, at + 1, moved);
      System.arraycopy(keys, at, keys, at + 1, moved);
      System.arraycopy(labels, at, labels, at + 1, moved);
      similarities[at] = similarity;
      keys[at] = key;
      labels[at] = label;
      size = Math.min(size + 1, keys.length);
    }

    /** The similarity a row must at least have to be kept. */
    public float floor() {
      return size < keys.length ? Float.NEGATIVE_INFINITY : similarities[size - 1];
    }

    /** What was kept. */
    public Nearest nearest() {
      return new Nearest(
          Arrays.copyOf(similarities, size),
          Arrays.copyOf(keys, size),
          Arrays.copyOf(labels, size));
    }

    private static boolean before(float similarity, long key, float other, long otherKey) {
      return similarity > other || similarity == other && key < otherKey;
    }
  }
}
