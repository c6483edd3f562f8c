package io.recant.ml.metric;

/**
 * Members are told by their least likely tokens, each against what else the model holds likely
 * there (Min-K%++, K = 40).
 */
public final class StandardisedAttack extends MembershipAttack {

  @Override
  public String name() {
    return "membership_min_k_plus_plus";
  }

  @Override
  public String summary() {
    return "How well the least likely two fifths of the tokens, standardised by the model's own distribution, tell the forget set from unseen test rows: area under the ROC curve.";
  }

  @Override
  public String source() {
    return "Zhang et al., Min-K%++, ICLR 2025";
  }

  @Override
  double score(ScoredRow row, ScoredRow reference) {
    return row.target().leastStandardised();
  }
}
