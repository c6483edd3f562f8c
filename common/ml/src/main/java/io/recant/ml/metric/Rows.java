package io.recant.ml.metric;

import io.recant.core.stats.Interval;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

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
    return of(rows, ScoredRow.Part.TEST).where(row -> row.target().tokens() == 1);
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
}
