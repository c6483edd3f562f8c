package io.recant.ml.metric;

/** Members are told by their mean token loss. */
public final class LossAttack extends MembershipAttack {

  @Override
  public String name() {
    return "membership_auc";
  }

  @Override
  public String summary() {
    return "How well the loss tells the forget set from unseen test rows: area under the ROC curve, 0.5 is a coin.";
  }

  @Override
  public String source() {
    return "Yeom et al., Privacy Risk in Machine Learning, CSF 2018";
  }

  @Override
  double score(ScoredRow row, ScoredRow reference) {
    return row.target().probability();
  }
}
