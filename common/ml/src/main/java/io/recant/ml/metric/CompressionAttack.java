package io.recant.ml.metric;

/**
 * Members are told by their loss for each byte that zlib needs: a text that is simple for anybody
 * is no sign of training.
 */
public final class CompressionAttack extends MembershipAttack {

  @Override
  public String name() {
    return "membership_zlib";
  }

  @Override
  public String summary() {
    return "How well the loss over the length zlib needs tells the forget set from unseen test rows: area under the ROC curve.";
  }

  @Override
  public String source() {
    return "Carlini et al., Extracting Training Data from Large Language Models, USENIX Security 2021";
  }

  @Override
  double score(ScoredRow row, ScoredRow reference) {
    return row.target().logProbability() / Math.max(1, row.target().compressedBytes());
  }
}
