package io.recant.ml.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model says about the evaluation rows, and what other models of its run say about the same
 * rows in the same order; that is empty where there is no such model.
 *
 * @param rows of the model that is measured
 * @param reference of the model that never saw the forget set
 * @param untouched of the model before unlearning
 * @param base of the model before it was trained on what it has to unlearn
 */
public record Evaluated(
    List<ScoredRow> rows,
    List<ScoredRow> reference,
    List<ScoredRow> untouched,
    List<ScoredRow> base) {

  public Evaluated {
    rows = List.copyOf(rows);
    reference = List.copyOf(reference);
    untouched = List.copyOf(untouched);
    base = List.copyOf(base);
  }

  /** A model beside the one that never saw the forget set. */
  public static Evaluated beside(List<ScoredRow> reference, List<ScoredRow> rows) {
    return new Evaluated(rows, reference, List.of(), List.of());
  }

  /** A model without others. */
  public static Evaluated alone(List<ScoredRow> rows) {
    return beside(List.of(), rows);
  }

  /** Rows by id and part. */
  static Map<String, ScoredRow> byKey(List<ScoredRow> rows) {
    Map<String, ScoredRow> byKey = new HashMap<>();
    rows.forEach(row -> byKey.put(row.key(), row));
    return byKey;
  }
}
