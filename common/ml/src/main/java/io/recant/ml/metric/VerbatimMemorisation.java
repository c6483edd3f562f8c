package io.recant.ml.metric;

import java.util.Set;

/**
 * How much of a text's second half the model writes when it is given the first: ROUGE-L F1 of the
 * greedy continuation.
 */
public final class VerbatimMemorisation extends MeanOfSets {

  @Override
  public String name() {
    return "verbatim_memorisation";
  }

  @Override
  public String summary() {
    return "How much of a target's second half the model writes once it is given the first: ROUGE-L F1, on forgotten and kept rows.";
  }

  @Override
  public String source() {
    return "Shi et al., MUSE, ICLR 2025";
  }

  @Override
  public String needs() {
    return "a model that writes text, and forgotten or kept training rows of several words";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.CONTINUATION);
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return TRAINED;
  }

  @Override
  double value(ScoredRow row) {
    return Overlap.f1(row.continuation());
  }
}
