package io.recant.ml.metric;

import java.util.Set;

/**
 * Whether rounding brings back what was unlearned: exact memorisation of forgotten rows with the
 * weights rounded to four bits ({@link Reading#ROUNDED}).
 */
public final class RoundedMemorisation extends MeanOfSets {

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
  public String needs() {
    return "forgotten rows";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ROUNDED);
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return FORGOTTEN;
  }

  @Override
  double value(ScoredRow row) {
    return Overlap.matched(row.rounded());
  }
}
