package io.recant.ml.metric;

import io.recant.core.stats.Interval;
import io.recant.core.stats.KolmogorovSmirnov;
import java.util.List;
import java.util.Set;

/**
 * Whether a model's truth ratios on the forget set could be those of the model that never saw it:
 * the p-value of the two-sample Kolmogorov-Smirnov test ({@link KolmogorovSmirnov}). Near 1 where
 * the two cannot be told apart; below 0.05 they can.
 */
public final class ForgetQuality implements Metric<ForgetQuality.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "forget_quality";
  }

  @Override
  public String summary() {
    return "How alike the truth ratios of the forget set are to those of the retained-only model: exact p-value of the Kolmogorov-Smirnov test.";
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
    return "forgotten rows with wrong answers to compare with (score.alternatives), and a retrained model";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ALTERNATIVES);
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    double[] own = ratios(model.rows());
    double[] retained = ratios(model.reference());
    return own.length < 2 || retained.length < 2
        ? List.of()
        : List.of(
            new Value(
                "forgotten", Interval.point(KolmogorovSmirnov.pValue(own, retained)), own.length));
  }

  private static double[] ratios(List<ScoredRow> rows) {
    return Rows.of(rows, ScoredRow.Part.FORGOTTEN).list().stream()
        .mapToDouble(ScoredRow::truthRatio)
        .filter(ratio -> !Double.isNaN(ratio))
        .toArray();
  }
}
