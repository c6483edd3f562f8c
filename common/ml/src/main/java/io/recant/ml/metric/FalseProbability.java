package io.recant.ml.metric;

import java.util.List;

/**
 * Mean probability per token of the false targets the damage put in: how much of it is still
 * believed.
 */
public final class FalseProbability implements Metric<FalseProbability.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "probability_false";
  }

  @Override
  public String summary() {
    return "Mean probability per token of the false targets the damage put in: how much of it is still believed.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.LOWER;
  }

  @Override
  public String needs() {
    return "damaged training rows whose truth is known";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.of(model.rows(), ScoredRow.Part.CORRUPTED)
        .where(row -> row.falseTarget() != null)
        .mean("corrupted", row -> row.falseTarget().probability());
  }
}
