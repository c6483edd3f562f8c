package io.recant.ml.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model says about the evaluation rows, and what the model says about them that never saw
 * the forget set.
 *
 * @param rows of the model that is measured
 * @param reference of the retained-only model, the same rows in the same order; empty where there
 *     is no such model
 */
public record Evaluated(List<ScoredRow> rows, List<ScoredRow> reference) {

  public Evaluated {
    rows = List.copyOf(rows);
    reference = List.copyOf(reference);
  }

  /** A model without a reference. */
  public static Evaluated alone(List<ScoredRow> rows) {
    return new Evaluated(rows, List.of());
  }

  /** The reference's rows by id and part. */
  Map<String, ScoredRow> referenceByKey() {
    Map<String, ScoredRow> byKey = new HashMap<>();
    reference.forEach(row -> byKey.put(row.key(), row));
    return byKey;
  }
}
