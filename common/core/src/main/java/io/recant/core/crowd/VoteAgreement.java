package io.recant.core.crowd;

import java.io.Serializable;

/**
 * How annotators and a model agree with the majority vote, over samples of at least two answers: a
 * mergeable state of plain counts.
 */
public final class VoteAgreement implements Serializable {

  final long[] answers;
  final long[] agreeing;
  final long[] consensus;
  long samples;
  long votes;
  long predicted;
  long predictedRight;

  /** Nothing seen. */
  public VoteAgreement(int annotators, int classes) {
    answers = new long[annotators];
    agreeing = new long[annotators];
    consensus = new long[classes];
  }

  /** Takes a block in. */
  public VoteAgreement add(Answers block, TruthModel vote, int without) {
    double[] p = new double[consensus.length];
    for (int s = 0; s < block.samples(); s++) {
      int seen = 0;
      for (int i = block.start(s); i < block.start(s + 1); i++) {
        seen += block.fold(i) == without ? 0 : 1;
      }
      votes += seen;
      samples += seen > 0 ? 1 : 0;
      if (seen < 2) {
        continue;
      }
      vote.infer(block, s, without, p);
      int best = TruthModel.best(p);
      consensus[best]++;
      for (int i = block.start(s); i < block.start(s + 1); i++) {
        if (block.fold(i) != without) {
          answers[block.annotator(i)]++;
          agreeing[block.annotator(i)] += block.answer(i) == best ? 1 : 0;
        }
      }
      float[] model = block.predicted(s);
      if (model.length > 0) {
        predicted++;
        predictedRight += Crowdlab.best(model) == best ? 1 : 0;
      }
    }
    return this;
  }

  /** Takes another's counts in. */
  public VoteAgreement merge(VoteAgreement other) {
    for (int j = 0; j < answers.length; j++) {
      answers[j] += other.answers[j];
      agreeing[j] += other.agreeing[j];
    }
    for (int k = 0; k < consensus.length; k++) {
      consensus[k] += other.consensus[k];
    }
    samples += other.samples;
    votes += other.votes;
    predicted += other.predicted;
    predictedRight += other.predictedRight;
    return this;
  }
}
