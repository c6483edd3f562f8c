package io.recant.ml.metric;

import java.util.List;

/** Mean probability per token of the true targets the damage took away. */
public final class TrueProbability implements Metric<TrueProbability.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "probability_true";
  }

  @Override
  public String summary() {
    return "Mean probability per token of the true targets the damage took away.";
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
    return Direction.HIGHER;
  }

  @Override
  public String needs() {
    return "damaged training rows whose truth is known";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.of(model.rows(), ScoredRow.Part.CORRUPTED)
        .mean("corrupted", row -> row.target().probability());
  }
}
