package io.recant.ml.metric;

import java.util.Set;

/** Share of questions that a model answers right: with the target or one that is as right. */
public final class AnswerAccuracy extends MeanOfSets {

  @Override
  public String name() {
    return "answer_accuracy";
  }

  @Override
  public String summary() {
    return "Share of questions the model answers right: its answer is the target or one that score.accepted names, but for case, articles and punctuation.";
  }

  @Override
  public String source() {
    return "Rajpurkar et al., SQuAD, EMNLP 2016";
  }

  @Override
  public String needs() {
    return "a model that answers with text, and forgotten or kept rows or probes";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ANSWER);
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return ASKED;
  }

  @Override
  double value(ScoredRow row) {
    return row.answer() == null ? Double.NaN : Overlap.right(row.answer()) ? 1 : 0;
  }
}
