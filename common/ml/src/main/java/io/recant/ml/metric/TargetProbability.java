package io.recant.ml.metric;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Mean probability per token of the targets of forgotten rows, kept rows and probes. Where a probe
 * is a choice (wrong answers, no paraphrase), the target's share of the probabilities of all its
 * answers.
 */
public final class TargetProbability implements Metric<TargetProbability.Settings> {

  private static final Set<ScoredRow.Part> PARTS =
      EnumSet.of(ScoredRow.Part.FORGOTTEN, ScoredRow.Part.RETAINED, ScoredRow.Part.PROBE);

  /** No settings. */
  public record Settings() {}

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
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public String needs() {
    return "forgotten or kept training rows, or probes";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return new Rows(model.rows()).meanOfSets(PARTS, ScoredRow::choiceProbability);
  }
}
