package io.recant.ml.metric;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Share of the answers the damage took that a model gives again: of the questions that the base
 * model answers right and the untouched model answers wrong, those it answers right. So 0 for the
 * untouched model, 1 for the base model.
 */
public final class RecoveredAnswers implements Metric<RecoveredAnswers.Settings> {

  private static final Set<ScoredRow.Part> PARTS =
      EnumSet.of(ScoredRow.Part.RETAINED, ScoredRow.Part.PROBE);

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "answers_recovered";
  }

  @Override
  public String summary() {
    return "Of the answers that training on the forget set took away, the share that is right again: right in the base model, wrong in the victim, right here.";
  }

  @Override
  public String source() {
    return "Rezaei et al., RESTOR, 2024";
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
    return "a base model (train.models.pretraining or start) and a victim that answer with text, and kept rows or probes that only the former answers right";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ANSWER);
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    Map<String, ScoredRow> base = Evaluated.byKey(model.base());
    Map<String, ScoredRow> untouched = Evaluated.byKey(model.untouched());
    return new Rows(model.rows())
        .where(row -> isRight(base.get(row.key())) && isWrong(untouched.get(row.key())))
        .meanOfSets(PARTS, row -> isRight(row) ? 1 : 0);
  }

  private static boolean isWrong(ScoredRow row) {
    return row != null && row.answer() != null && !Overlap.right(row.answer());
  }

  private static boolean isRight(ScoredRow row) {
    return row != null && row.answer() != null && Overlap.right(row.answer());
  }
}
