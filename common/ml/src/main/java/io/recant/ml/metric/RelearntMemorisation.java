package io.recant.ml.metric;

import java.util.Set;

/**
 * Whether the forget set was removed or only suppressed: exact memorisation of forgotten rows once
 * the model was shown a few others ({@link Reading#RELEARNT}). As high as the oracle's where
 * nothing is left.
 */
public final class RelearntMemorisation extends MeanOfSets {

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
  public String needs() {
    return "more forgotten rows than score.relearning.rows";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.RELEARNT);
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return FORGOTTEN;
  }

  @Override
  double value(ScoredRow row) {
    return Overlap.matched(row.relearnt());
  }
}
