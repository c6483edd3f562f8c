package io.recant.ml.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * Share of target tokens that are the model's first choice given those before: on forgotten and on
 * kept rows.
 */
public final class ExactMemorisation implements Metric<ExactMemorisation.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "exact_memorisation";
  }

  @Override
  public String summary() {
    return "Share of target tokens that are the model's first choice given those before, on forgotten and kept rows.";
  }

  @Override
  public String source() {
    return "Tirumala et al., Memorization Without Overfitting, NeurIPS 2022";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  /** Forgetting more than the oracle never knew is a scar, not a success. */
  @Override
  public Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public String needs() {
    return "forgotten or kept training rows";
  }

  @Override
  public List<Value> measure(Settings settings, List<ScoredRow> rows) {
    List<Value> values = new ArrayList<>();
    values.addAll(matched(rows, ScoredRow.Part.FORGOTTEN, "forgotten"));
    values.addAll(matched(rows, ScoredRow.Part.RETAINED, "retained"));
    return values;
  }

  private static List<Value> matched(List<ScoredRow> rows, ScoredRow.Part part, String split) {
    return Rows.of(rows, part)
        .where(row -> row.target().tokens() > 0)
        .mean(split, row -> (double) row.target().matches() / row.target().tokens());
  }
}
