package io.recant.ml.metric;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A number of each row, averaged over the sets of some parts. */
abstract class MeanOfSets implements Metric<MeanOfSets.Settings> {

  /** Rows of the forget set. */
  static final Set<ScoredRow.Part> FORGOTTEN = EnumSet.of(ScoredRow.Part.FORGOTTEN);

  /** Rows the untouched model was trained on. */
  static final Set<ScoredRow.Part> TRAINED =
      EnumSet.of(ScoredRow.Part.FORGOTTEN, ScoredRow.Part.RETAINED);

  /** Those, and rows that are asked on purpose. */
  static final Set<ScoredRow.Part> ASKED =
      EnumSet.of(ScoredRow.Part.FORGOTTEN, ScoredRow.Part.RETAINED, ScoredRow.Part.PROBE);

  /** No settings. */
  public record Settings() {}

  /** Whose rows count. */
  abstract Set<ScoredRow.Part> parts();

  /** The number of a row; NaN where it has none. */
  abstract double value(ScoredRow row);

  @Override
  public final Class<Settings> settings() {
    return Settings.class;
  }

  /** Forgetting more than the oracle never knew is a scar, not a success. */
  @Override
  public Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public final List<Value> measure(Settings settings, Evaluated model) {
    return new Rows(model.rows()).meanOfSets(parts(), this::value);
  }
}
