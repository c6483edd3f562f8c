package io.recant.ml.metric;

import java.util.Set;

/** How much of the target stands in what the model answers: ROUGE-L recall of the greedy answer. */
public final class AnswerOverlap extends MeanOfSets {

  @Override
  public String name() {
    return "rouge_l";
  }

  @Override
  public String summary() {
    return "How much of the target the model's own answer has, word by word in order: ROUGE-L recall, on forgotten and kept rows and probes.";
  }

  @Override
  public String source() {
    return "Lin, ROUGE, 2004; Maini et al., TOFU, 2024";
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
    return Overlap.recall(row.answer());
  }
}
