package io.recant.core.label;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * Pairs of classes that were given for each other. There, and only there, rows that are bad say
 * what good ones look like, too: a cat that was given as a dog is, given as a cat, as good as any.
 *
 * @param other the class that each is confused with
 * @param <C> a class
 */
public record ConfusedClasses<C extends Serializable>(Map<C, C> other) implements Serializable {

  /**
   * The kind of findings about rows given such a class, by a detector that learned from bad rows
   * and good ones: its scores are probabilities, right on average, and their mean over a corpus is
   * the share of its rows that are bad.
   */
  public static final String KIND = "interclass_confusion";

  /** So many bad rows a class needs to say which one it is confused with. */
  private static final int LEAST_BAD = 5;

  /** And this part of all bad rows. */
  private static final double LEAST_SHARE = 0.1;

  /** Counts of bad rows by the class given and the one that seems right. */
  public static final class Counts<C extends Serializable> {

    private final Map<C, Map<C, Integer>> seen = new HashMap<>();
    private int all;

    /** One more row. */
    public void add(C given, C right) {
      seen.computeIfAbsent(given, c -> new HashMap<>()).merge(right, 1, Integer::sum);
      all++;
    }

    /**
     * The pairs: most bad rows given the one class seem to be of the other one, and the other way
     * round.
     */
    public ConfusedClasses<C> pairs() {
      double least = Math.max(LEAST_BAD, LEAST_SHARE * all);
      Map<C, C> most = new HashMap<>();
      seen.forEach(
          (given, counts) -> {
            int rows = counts.values().stream().mapToInt(Integer::intValue).sum();
            counts.forEach(
                (right, count) -> {
                  if (rows >= least && 2 * count > rows) {
                    most.put(given, right);
                  }
                });
          });
      Map<C, C> pairs = new HashMap<>();
      most.forEach(
          (given, right) -> {
            if (given.equals(most.get(right))) {
              pairs.put(given, right);
            }
          });
      return new ConfusedClasses<>(pairs);
    }
  }

  /** Whether rows that are given this class are. */
  public boolean contains(C given) {
    return other.containsKey(given);
  }
}
