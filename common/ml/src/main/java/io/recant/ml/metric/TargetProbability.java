package io.recant.ml.metric;

import java.util.Set;

/**
 * Mean probability per token of the targets of forgotten rows, kept rows and probes. Where a probe
 * is a choice (wrong answers, no paraphrase), the target's share of the probabilities of all its
 * answers.
 */
public final class TargetProbability extends MeanOfSets {

  @Override
  public String name() {
    return "probability";
  }

  @Override
  public String summary() {
    return "Mean probability per token of the targets of forgotten and kept rows and of probes; of a choice, the share of the right answer.";
  }

  @Override
  public String source() {
    return "Maini et al., TOFU, 2024";
  }

  @Override
  public String needs() {
    return "forgotten or kept training rows, or probes";
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return ASKED;
  }

  @Override
  double value(ScoredRow row) {
    return row.choiceProbability();
  }
}
