package io.recant.ml.metric;

import java.util.List;

/** Mean probability per token of the targets of kept training rows. */
public final class RetainedProbability implements Metric<RetainedProbability.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "probability_retain";
  }

  @Override
  public String summary() {
    return "Mean probability per token of the targets of kept training rows.";
  }

  @Override
  public String source() {
    return "Maini et al., TOFU, 2024";
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
    return "kept training rows";
  }

  @Override
  public List<Value> measure(Settings settings, List<ScoredRow> rows) {
    return Rows.of(rows, ScoredRow.Part.RETAINED)
        .mean("retained", row -> row.target().probability());
  }
}
