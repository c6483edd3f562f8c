package io.recant.ml.metric;

import java.util.List;

/**
 * Share of damaged rows for which the true target is again more likely per token than the false
 * one.
 */
public final class Recovery implements Metric<Recovery.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "recovery";
  }

  @Override
  public String summary() {
    return "Share of damaged rows for which the true target is again more likely per token than the false one.";
  }

  @Override
  public String source() {
    return "Rezaei et al., RESTOR, 2024";
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
    return "damaged training rows whose truth is known";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.of(model.rows(), ScoredRow.Part.CORRUPTED)
        .where(row -> row.falseTarget() != null)
        .share("corrupted", row -> row.target().probability() > row.falseTarget().probability());
  }
}
