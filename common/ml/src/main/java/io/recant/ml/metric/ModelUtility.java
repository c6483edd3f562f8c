package io.recant.ml.metric;

import io.recant.core.config.Setting;
import io.recant.core.stats.Interval;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What a model is still good for: the harmonic mean of probability, ROUGE-L recall and max(0, 1 -
 * TR) on each of the sets that it should still know. One that is zero makes the whole zero.
 */
public final class ModelUtility implements Metric<ModelUtility.Settings> {

  private static final Set<ScoredRow.Part> PARTS =
      EnumSet.of(ScoredRow.Part.RETAINED, ScoredRow.Part.PROBE);

  private static final List<ToDoubleFunction<ScoredRow>> VALUES =
      List.of(ScoredRow::choiceProbability, row -> Overlap.recall(row.answer()), TruthRatio::of);

  /** Settings. */
  public record Settings(
      @Setting(
              value =
                  "The sets that count, retained and probes; all that have wrong answers when empty",
              defaultValue = "[]")
          List<String> sets) {}

  @Override
  public String name() {
    return "model_utility";
  }

  @Override
  public String summary() {
    return "What the model is still good for: harmonic mean of probability, ROUGE-L recall and truth ratio on what it should still know.";
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
    return Direction.HIGHER;
  }

  @Override
  public String needs() {
    return "a model that answers with text, and kept rows or probes with wrong answers to compare with (score.alternatives)";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ALTERNATIVES, Reading.ANSWER);
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    List<ScoredRow> rows =
        model.rows().stream()
            .filter(row -> row.alternatives() != null && row.answer() != null)
            .filter(row -> counts(settings, row))
            .toList();
    List<Value> means = new ArrayList<>();
    for (ToDoubleFunction<ScoredRow> value : VALUES) {
      means.addAll(new Rows(rows).meanOfSets(PARTS, value));
    }
    if (means.isEmpty()) {
      return List.of();
    }
    double inverse = means.stream().mapToDouble(mean -> 1 / mean.interval().value()).sum();
    return List.of(new Value("utility", Interval.point(means.size() / inverse), rows.size()));
  }

  private static boolean counts(Settings settings, ScoredRow row) {
    return PARTS.contains(row.part())
        && (settings.sets().isEmpty() || settings.sets().contains(row.set()));
  }
}
