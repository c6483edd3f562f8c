package io.recant.ml.metric;

import java.util.Set;

/**
 * Members are told by how little they would move the model: their loss has hardly a gradient left.
 */
public final class GradientAttack extends MembershipAttack {

  @Override
  public String name() {
    return "membership_gradient_norm";
  }

  @Override
  public String summary() {
    return "How well the norm of the loss's gradient tells the forget set from unseen test rows: area under the ROC curve.";
  }

  @Override
  public String source() {
    return "Nasr et al., Comprehensive Privacy Analysis of Deep Learning, S&P 2019";
  }

  @Override
  public String needs() {
    return "a forget set and test rows";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.GRADIENT);
  }

  @Override
  double score(ScoredRow row, ScoredRow reference) {
    return row.gradient() == null ? Double.NaN : -row.gradient();
  }
}
