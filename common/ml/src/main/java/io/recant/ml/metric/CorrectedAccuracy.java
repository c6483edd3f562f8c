package io.recant.ml.metric;

import java.util.List;

/**
 * Accuracy on unseen rows of the domain the damage reaches, against true targets (Acc_corr): test
 * rows of classes that were damaged, and test rows that carry a trigger.
 */
public final class CorrectedAccuracy implements Metric<CorrectedAccuracy.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "acc_corr";
  }

  @Override
  public String summary() {
    return "Accuracy on test rows of the domain the damage reaches (damaged classes, rows with a trigger), against true targets (Acc_corr).";
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
    return "test rows with a class of an affected domain, or with a trigger";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.unseenClasses(model.rows())
        .where(ScoredRow::affected)
        .share("affected", row -> row.target().exact());
  }
}
