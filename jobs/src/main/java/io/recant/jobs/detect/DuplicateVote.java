package io.recant.jobs.detect;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the duplicates of a row say about its target. With W_k the number of duplicates that have
 * target k, near ones counted by their similarity and the row itself counted for its own target y,
 * z the target with the largest W among the others, pi the class base rates and m the strength of
 * the prior,
 *
 * <pre>score = (W_z + m pi_z) / (W_z + m pi_z + W_y + m pi_y)</pre>
 *
 * <p>in (0, 1), 1 is surely bad: the posterior of z where either y or z is right. One row against
 * one, of equally frequent classes, score 0.5 each; nine against one, 0.9 and 0.1.
 *
 * @param rival the other target that most duplicates have
 * @param forGiven W_y
 * @param forRival W_z
 * @param rows duplicates, and the row itself
 * @param score as above
 */
record DuplicateVote(Opinion rival, double forGiven, double forRival, long rows, double score) {

  /**
   * The rows of one input that have one target.
   *
   * @param similarity of that input to the judged one, 1 where it is the same
   * @param same whether it is the same
   * @param said the target in normal form
   * @param target as one of the rows writes it
   * @param count how many rows
   * @param first the smallest of their ids
   * @param last the largest
   */
  record Opinion(
      double similarity,
      boolean same,
      String said,
      String target,
      long count,
      String first,
      String last)
      implements Serializable {

    /** The same rows without one. */
    Opinion without(String id) {
      return new Opinion(
          similarity, same, said, target, count - 1, first.equals(id) ? last : first, last);
    }
  }

  /**
   * Counts the votes.
   *
   * @param opinions of the row's input and of those near it
   * @param id the sample that is judged, or that the judged canary is a copy of
   * @param said the target to be judged, in normal form
   * @param original the sample's own target in normal form: the sample is left out of the count,
   *     for a canary's original would give it away
   * @param baseRates by target in normal form; 0 where there is none
   * @param prior m
   * @return empty where no duplicate has another target
   */
  static Optional<DuplicateVote> of(
      List<Opinion> opinions,
      String id,
      String said,
      String original,
      Map<String, Double> baseRates,
      double prior) {
    TreeMap<String, Double> weights = new TreeMap<>(Map.of(said, 1.0));
    TreeMap<String, Opinion> closest = new TreeMap<>();
    long rows = 1;
    for (Opinion opinion : opinions) {
      Opinion others =
          opinion.same() && opinion.said().equals(original) ? opinion.without(id) : opinion;
      if (others.count() > 0) {
        rows += others.count();
        weights.merge(others.said(), others.similarity() * others.count(), Double::sum);
        closest.merge(others.said(), others, DuplicateVote::closer);
      }
    }
    closest.remove(said);
    if (closest.isEmpty()) {
      return Optional.empty();
    }
    String rival =
        closest.keySet().stream().reduce((a, b) -> weights.get(b) > weights.get(a) ? b : a).get();
    double against = weights.get(rival) + prior * baseRates.getOrDefault(rival, 0.0);
    double given = weights.get(said) + prior * baseRates.getOrDefault(said, 0.0);
    return Optional.of(
        new DuplicateVote(
            closest.get(rival),
            weights.get(said),
            weights.get(rival),
            rows,
            against / (against + given)));
  }

  private static Opinion closer(Opinion a, Opinion b) {
    return b.similarity() > a.similarity()
            || b.similarity() == a.similarity() && b.first().compareTo(a.first()) < 0
        ? b
        : a;
  }

  /** Whether more speak for the other target. */
  boolean clear() {
    return forRival > forGiven;
  }
}
