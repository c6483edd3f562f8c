package io.recant.jobs.inject;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which classes are taken for which, and how often. */
final class ClassConfusion implements Serializable {

  /** What a word weighs in a class. */
  record Word(String className, String word, double weight) {}

  /** A class taken for another one, with its weight among those. */
  record Confusable(String className, double weight) implements Serializable {}

  private final Map<String, List<Confusable>> confusables;

  private ClassConfusion(Map<String, List<Confusable>> confusables) {
    this.confusables = confusables;
  }

  /**
   * The {@code nearest} classes of each by the cosine of their words, with the cosine as weight (of
   * equally near ones the first by name). A class that shares no word has none.
   */
  static ClassConfusion ofProfiles(List<Word> words, int nearest) {
    Map<String, Map<String, Double>> byClass = new TreeMap<>();
    Map<String, Map<String, Double>> byWord = new TreeMap<>();
    for (Word word : words) {
      byClass
          .computeIfAbsent(word.className(), c -> new TreeMap<>())
          .put(word.word(), word.weight());
      byWord
          .computeIfAbsent(word.word(), w -> new TreeMap<>())
          .put(word.className(), word.weight());
    }
    Map<String, Double> norms = new TreeMap<>();
    byClass.forEach((name, profile) -> norms.put(name, norm(profile)));
    Map<String, List<Confusable>> confusables = new TreeMap<>();
    byClass.forEach(
        (name, profile) -> confusables.put(name, nearest(name, profile, byWord, norms, nearest)));
    return new ClassConfusion(confusables);
  }

  /** The classes a class is taken for, the most frequent first. */
  List<Confusable> confusables(String className) {
    return confusables.getOrDefault(className, List.of());
  }

  /**
   * A class that {@code current} is taken for.
   *
   * @param draw uniform in [0, 1)
   * @return null when there is none
   */
  String draw(double draw, String current) {
    List<Confusable> candidates = confusables(current);
    double left = draw * candidates.stream().mapToDouble(Confusable::weight).sum();
    for (Confusable candidate : candidates) {
      left -= candidate.weight();
      if (left < 0) {
        return candidate.className();
      }
    }
    return candidates.isEmpty() ? null : candidates.get(candidates.size() - 1).className();
  }

  private static List<Confusable> nearest(
      String own,
      Map<String, Double> profile,
      Map<String, Map<String, Double>> byWord,
      Map<String, Double> norms,
      int count) {
    Map<String, Double> products = new TreeMap<>();
    profile.forEach(
        (word, weight) ->
            byWord.get(word).forEach((other, w) -> products.merge(other, weight * w, Double::sum)));
    products.remove(own);
    List<Confusable> nearest = new ArrayList<>();
    products.forEach(
        (other, product) ->
            nearest.add(new Confusable(other, product / (norms.get(own) * norms.get(other)))));
    nearest.sort(Comparator.comparingDouble(Confusable::weight).reversed());
    return List.copyOf(nearest.subList(0, Math.min(count, nearest.size())));
  }

  private static double norm(Map<String, Double> profile) {
    return Math.sqrt(profile.values().stream().mapToDouble(w -> w * w).sum());
  }
}
