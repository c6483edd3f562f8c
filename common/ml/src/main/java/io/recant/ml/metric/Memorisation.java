package io.recant.ml.metric;

import java.util.ArrayList;
import java.util.List;

/** How much of its target a model knows by heart, on forgotten and on kept rows. */
abstract class Memorisation implements Metric<Memorisation.Settings> {

  /** No settings. */
  public record Settings() {}

  /** The share of a target of at least one token. */
  abstract double share(ScoredRow.Answer target);

  @Override
  public final Class<Settings> settings() {
    return Settings.class;
  }

  /** Forgetting more than the oracle never knew is a scar, not a success. */
  @Override
  public final Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public final String needs() {
    return "forgotten or kept training rows";
  }

  @Override
  public final List<Value> measure(Settings settings, List<ScoredRow> rows) {
    List<Value> values = new ArrayList<>();
    values.addAll(mean(rows, ScoredRow.Part.FORGOTTEN, "forgotten"));
    values.addAll(mean(rows, ScoredRow.Part.RETAINED, "retained"));
    return values;
  }

  private List<Value> mean(List<ScoredRow> rows, ScoredRow.Part part, String split) {
    return Rows.of(rows, part)
        .where(row -> row.target().tokens() > 0)
        .mean(split, row -> share(row.target()));
  }
}
