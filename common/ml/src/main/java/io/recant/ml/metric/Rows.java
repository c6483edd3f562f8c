package io.recant.ml.metric;

import io.recant.core.stats.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The rows a measure is taken on. */
record Rows(List<ScoredRow> list) {

  static Rows of(List<ScoredRow> rows, ScoredRow.Part part) {
    return new Rows(rows.stream().filter(row -> row.part() == part).toList());
  }

  /**
   * The test rows that are answered with a class. A text that a model never saw is not reproduced
   * to the letter by any model, so the share of exact answers would be 0 and say nothing.
   */
  static Rows testClasses(List<ScoredRow> rows) {
    return of(rows, ScoredRow.Part.TEST).where(Rows::isClass);
  }

  /** The same with rows of other splits that no model was trained on. */
  static Rows unseenClasses(List<ScoredRow> rows) {
    return new Rows(
        Stream.concat(testClasses(rows).list().stream(), probes(rows).list().stream()).toList());
  }

  /** Rows of other splits than train and test that are answered with a class. */
  static Rows probes(List<ScoredRow> rows) {
    return of(rows, ScoredRow.Part.PROBE).where(Rows::isClass);
  }

  private static boolean isClass(ScoredRow row) {
    return row.target().tokens() == 1;
  }

  Rows where(Predicate<ScoredRow> condition) {
    return new Rows(list.stream().filter(condition).toList());
  }

  List<Metric.Value> share(String split, Predicate<ScoredRow> condition) {
    long n = list.size();
    return n == 0
        ? List.of()
        : List.of(
            new Metric.Value(split, Interval.share(list.stream().filter(condition).count(), n), n));
  }

  List<Metric.Value> mean(String split, ToDoubleFunction<ScoredRow> value) {
    return list.isEmpty()
        ? List.of()
        : List.of(
            new Metric.Value(
                split, Interval.mean(list.stream().mapToDouble(value).toArray()), list.size()));
  }

  /**
   * The mean of each set of some parts, sets in the order of their parts and names. Rows whose
   * value is NaN do not count, a set that has no other has no mean.
   */
  List<Metric.Value> meanOfSets(Set<ScoredRow.Part> parts, ToDoubleFunction<ScoredRow> value) {
    List<Metric.Value> means = new ArrayList<>();
    for (ScoredRow.Part part : parts) {
      Map<String, List<ScoredRow>> sets = new TreeMap<>();
      for (ScoredRow row : list) {
        if (row.part() == part && !Double.isNaN(value.applyAsDouble(row))) {
          sets.computeIfAbsent(row.set(), set -> new ArrayList<>()).add(row);
        }
      }
      sets.forEach((set, rows) -> means.addAll(new Rows(rows).mean(set, value)));
    }
    return means;
  }
}
