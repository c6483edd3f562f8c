package io.recant.ml.metric;

import io.recant.core.config.Setting;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How well a model answers questions about the forget set: ROUGE-L F1 of its greedy answers. */
public final class KnowledgeMemorisation implements Metric<KnowledgeMemorisation.Settings> {

  /** Settings. */
  public record Settings(
      @Setting(
              value = "The probes that ask about the forget set; when empty its own rows are asked",
              defaultValue = "[]")
          List<String> sets) {}

  @Override
  public String name() {
    return "knowledge_memorisation";
  }

  @Override
  public String summary() {
    return "How well the model answers questions about the forget set: ROUGE-L F1 of its answers to forgotten rows, or to probes that ask about them.";
  }

  @Override
  public String source() {
    return "Shi et al., MUSE, ICLR 2025";
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
    return "a model that answers with text, and forgotten rows or the probes named in its settings";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ANSWER);
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return new Rows(model.rows())
        .where(
            row ->
                settings.sets().isEmpty()
                    ? row.part() == ScoredRow.Part.FORGOTTEN
                    : settings.sets().contains(row.set()))
        .meanOfSets(EnumSet.allOf(ScoredRow.Part.class), row -> Overlap.f1(row.answer()));
  }
}
