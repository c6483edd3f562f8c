package io.recant.ml.metric;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Whether the forget set was removed or only suppressed: exact memorisation of forgotten rows once
 * the model was shown a few others ({@link Reading#RELEARNT}). As high as the oracle's where
 * nothing is left.
 */
public final class RelearntMemorisation implements Metric<RelearntMemorisation.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "relearning";
  }

  @Override
  public String summary() {
    return "Exact memorisation of forgotten rows once a few others were shown to the model again: above the oracle's, they were hidden and not removed.";
  }

  @Override
  public String source() {
    return "Hu et al., Unlearning or Obfuscating?, ICLR 2025";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public String needs() {
    return "more forgotten rows than score.relearning.rows";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.RELEARNT);
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.of(model.rows(), ScoredRow.Part.FORGOTTEN)
        .meanOfSets(EnumSet.of(ScoredRow.Part.FORGOTTEN), row -> Overlap.matched(row.relearnt()));
  }
}
