package io.recant.ml.metric;

import java.util.List;

/** Accuracy on the damaged training rows as they were trained on, against their true targets. */
public final class CorruptedAccuracy implements Metric<CorruptedAccuracy.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "acc_corrupted";
  }

  @Override
  public String summary() {
    return "Accuracy on the damaged training rows, against their true targets.";
  }

  @Override
  public String source() {
    return "Goel et al., Corrective Machine Unlearning, 2024";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.HIGHER;
  }

  @Override
  public String needs() {
    return "damaged training rows with a class whose truth is known";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.of(model.rows(), ScoredRow.Part.CORRUPTED)
        .where(row -> row.target().tokens() == 1)
        .share("corrupted", row -> row.target().exact());
  }
}
