package io.recant.core.vector;

import java.io.Serializable;

/**
 * The rows around one.
 *
 * @param nearest its nearest rows, near-duplicates aside
 * @param duplicates the nearest of its near-duplicates
 */
public record Neighbourhood(Nearest nearest, Nearest duplicates) implements Serializable {

  /** Nothing around. */
  public static final Neighbourhood NONE = new Neighbourhood(Nearest.NONE, Nearest.NONE);

  /**
   * How much of it is kept, and what is a near-duplicate.
   *
   * @param nearest neighbours kept
   * @param duplicates near-duplicates kept
   * @param ceiling the similarity from which a row is a near-duplicate
   */
  public record Bounds(int nearest, int duplicates, float ceiling) implements Serializable {}

  /** What two searches for the same row found together. */
  public Neighbourhood merge(Neighbourhood other, Bounds bounds) {
    return new Neighbourhood(
        nearest.merge(other.nearest, bounds.nearest()),
        duplicates.merge(other.duplicates, bounds.duplicates()));
  }

  /** Gathers the rows around one. */
  static final class Collector {

    private final Nearest.Collector nearest;
    private final Nearest.Collector duplicates;
    private final float ceiling;

    Collector(Bounds bounds) {
      nearest = new Nearest.Collector(bounds.nearest());
      duplicates = new Nearest.Collector(bounds.duplicates());
      ceiling = bounds.ceiling();
    }

    /** Takes a row; returns the similarity others must at least have to matter. */
    float offer(float similarity, long key, int label) {
      (similarity < ceiling ? nearest : duplicates).offer(similarity, key, label);
      return nearest.floor();
    }

    Neighbourhood neighbourhood() {
      return new Neighbourhood(nearest.nearest(), duplicates.nearest());
    }
  }
}
