package io.recant.ml.metric;

/**
 * Share of target tokens that are the model's first choice given those before: on forgotten and on
 * kept rows.
 */
public final class ExactMemorisation extends Memorisation {

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
  double share(ScoredRow.Answer target) {
    return Overlap.matched(target);
  }
}
