package io.recant.core.clue;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Pairs of classes of which each is given for the other in known bad rows. There, and only there,
 * known rows say what good ones look like, too: a cat that was given as a dog is, given as a cat,
 * as good as any.
 *
 * @param other the class that each is confused with
 */
record ConfusedClasses(Map<Integer, Integer> other) implements Serializable {

  /** So many known rows a class needs to say which one it is confused with. */
  private static final int LEAST_KNOWN = 5;

  /** And this part of all known rows. */
  private static final double LEAST_SHARE = 0.1;

  /**
   * The pairs that known rows show: for most of those given the one class the other one is the
   * likeliest beside it, and the other way round.
   */
  static ConfusedClasses of(List<ClueRow> rows) {
    Map<Integer, Map<Integer, Integer>> rivals = new HashMap<>();
    int known = 0;
    for (ClueRow row : rows) {
      if (row.known() && row.rival() >= 0) {
        known++;
        rivals
            .computeIfAbsent(row.given(), given -> new HashMap<>())
            .merge(row.rival(), 1, Integer::sum);
      }
    }
    double least = Math.max(LEAST_KNOWN, LEAST_SHARE * known);
    Map<Integer, Integer> most = new HashMap<>();
    rivals.forEach(
        (given, counts) -> {
          int all = counts.values().stream().mapToInt(Integer::intValue).sum();
          counts.forEach(
              (rival, count) -> {
                if (all >= least && 2 * count > all) {
                  most.put(given, rival);
                }
              });
        });
    Map<Integer, Integer> pairs = new HashMap<>();
    most.forEach(
        (given, rival) -> {
          if (given.equals(most.get(rival))) {
            pairs.put(given, rival);
          }
        });
    return new ConfusedClasses(pairs);
  }

  /** Whether rows that are given this class are. */
  boolean contains(int given) {
    return other.containsKey(given);
  }

  /** A known row of such a class as it should have been given. */
  ClueRow corrected(ClueRow row) {
    return new ClueRow(
        false, row.fold(), other.get(row.given()), row.p(), row.vector(), row.words());
  }
}
