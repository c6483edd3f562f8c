package io.recant.ml.metric;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How much of its target a model knows by heart, on forgotten and on kept rows. */
abstract class Memorisation implements Metric<Memorisation.Settings> {

  private static final Set<ScoredRow.Part> TRAINED =
      EnumSet.of(ScoredRow.Part.FORGOTTEN, ScoredRow.Part.RETAINED);

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
  public final List<Value> measure(Settings settings, Evaluated model) {
    return Rows.where(model.rows(), row -> row.target().tokens() > 0)
        .meanOfSets(TRAINED, row -> share(row.target()));
  }
}
