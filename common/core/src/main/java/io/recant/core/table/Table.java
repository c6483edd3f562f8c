package io.recant.core.table;

import java.util.Locale;

/**
 * The tables of a run directory, in the order a pipeline fills them; {@code data-schemas} says what
 * is in each.
 */
public enum Table {
  SAMPLES,
  QUARANTINE,
  ANNOTATIONS,
  DAMAGED,
  INJECTIONS,
  KNOWN_BAD,
  CLASSES,
  EMBEDDINGS,
  PREDICTIONS,
  CANARIES,
  CONSENSUS,
  ANNOTATORS,
  FINDINGS,
  CANARY_FINDINGS,
  DECISIONS,
  FORGET,
  RETAIN,
  REVIEW,
  REPAIRS,
  CHECKPOINTS,
  TRAINING_LOG,
  EVALUATION,
  SCORES,
  DETECTION_SCORES,
  DETECTION_CURVES,
  REPAIR_SCORES;

  private final TableSchema schema = TableSchema.load(name().toLowerCase(Locale.ROOT));

  /** The table's name: its folder in a run, its file in {@code data-schemas}. */
  public String tableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What the table holds. */
  public TableSchema schema() {
    return schema;
  }

  /** The table of that name, or an {@link IllegalArgumentException}. */
  public static Table named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }
}
