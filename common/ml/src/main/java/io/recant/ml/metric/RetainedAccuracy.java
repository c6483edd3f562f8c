package io.recant.ml.metric;

import java.util.List;

/** Accuracy on test rows the damage does not reach (Acc_retain). */
public final class RetainedAccuracy implements Metric<RetainedAccuracy.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "acc_retain";
  }

  @Override
  public String summary() {
    return "Accuracy on test rows the damage does not reach (Acc_retain).";
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
    return "test rows with a class outside the affected domain";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.testClasses(model.rows())
        .where(row -> !row.affected())
        .share("elsewhere", row -> row.target().exact());
  }
}
