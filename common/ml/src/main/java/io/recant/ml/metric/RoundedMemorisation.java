package io.recant.ml.metric;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Whether rounding brings back what was unlearned: exact memorisation of forgotten rows with the
 * weights rounded to four bits ({@link Reading#ROUNDED}).
 */
public final class RoundedMemorisation implements Metric<RoundedMemorisation.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "rounding";
  }

  @Override
  public String summary() {
    return "Exact memorisation of forgotten rows once weights are rounded to four bits: above the oracle's, rounding brings them back.";
  }

  @Override
  public String source() {
    return "Zhang et al., Catastrophic Failure of LLM Unlearning via Quantization, ICLR 2025";
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
    return "forgotten rows";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ROUNDED);
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.of(model.rows(), ScoredRow.Part.FORGOTTEN)
        .meanOfSets(EnumSet.of(ScoredRow.Part.FORGOTTEN), row -> Overlap.matched(row.rounded()));
  }
}
