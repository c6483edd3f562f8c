package io.recant.ml.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * How little of a target has to be given before the model completes it word for word: 1 - k/T with
 * T its tokens and k the shortest beginning after which every further token is the model's first
 * choice. 1 where nothing has to be given, 0 where all has: a last token that does not match needs
 * k = T.
 */
public final class ExtractionStrength implements Metric<ExtractionStrength.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "extraction_strength";
  }

  @Override
  public String summary() {
    return "Share of a target that the model completes by itself once it is given the rest, on forgotten and kept rows.";
  }

  @Override
  public String source() {
    return "Carlini et al., USENIX Security 2021; Wang et al., ICLR 2025";
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
    values.addAll(completed(rows, ScoredRow.Part.FORGOTTEN, "forgotten"));
    values.addAll(completed(rows, ScoredRow.Part.RETAINED, "retained"));
    return values;
  }

  private static List<Value> completed(List<ScoredRow> rows, ScoredRow.Part part, String split) {
    return Rows.of(rows, part)
        .where(row -> row.target().tokens() > 0)
        .mean(split, row -> (double) row.target().matchedTail() / row.target().tokens());
  }
}
