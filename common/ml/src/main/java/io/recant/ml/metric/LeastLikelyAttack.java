package io.recant.ml.metric;

/**
 * Members are told by their least likely tokens (Min-K%, K = 40): a text that was trained on has
 * few that surprise.
 */
public final class LeastLikelyAttack extends MembershipAttack {

  @Override
  public String name() {
    return "membership_min_k";
  }

  @Override
  public String summary() {
    return "How well the least likely two fifths of the tokens tell the forget set from unseen test rows: area under the ROC curve.";
  }

  @Override
  public String source() {
    return "Shi et al., Detecting Pretraining Data from Large Language Models, ICLR 2024";
  }

  @Override
  double score(ScoredRow row, ScoredRow reference) {
    return row.target().leastLikely();
  }
}
