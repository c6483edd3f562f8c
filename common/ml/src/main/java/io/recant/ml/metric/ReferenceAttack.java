package io.recant.ml.metric;

/** Members are told by how much likelier they are than for a model that never saw them. */
public final class ReferenceAttack extends MembershipAttack {

  @Override
  public String name() {
    return "membership_reference";
  }

  @Override
  public String summary() {
    return "How well the loss beside that of the retained-only model tells the forget set from unseen test rows: area under the ROC curve.";
  }

  @Override
  public String source() {
    return "Carlini et al., Extracting Training Data from Large Language Models, USENIX Security 2021";
  }

  @Override
  public String needs() {
    return "a forget set, test rows and a retrained model";
  }

  @Override
  double score(ScoredRow row, ScoredRow reference) {
    return reference == null ? Double.NaN : reference.target().meanLoss() - row.target().meanLoss();
  }
}
