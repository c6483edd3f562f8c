package io.recant.ml.metric;

import java.util.Set;

/**
 * Share of target tokens that are the model's first choice given those before: on forgotten and on
 * kept rows.
 */
public final class ExactMemorisation extends MeanOfSets {

  @Override
  public String name() {
    return "exact_memorisation";
  }

  @Override
  public String summary() {
    return "Share of target tokens that are the model's first choice given those before, on forgotten and kept rows.";
  }

  @Override
  public String source() {
    return "Tirumala et al., Memorization Without Overfitting, NeurIPS 2022";
  }

  @Override
  public String needs() {
    return "forgotten or kept training rows";
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return TRAINED;
  }

  @Override
  double value(ScoredRow row) {
    return Overlap.matched(row.target());
  }
}
