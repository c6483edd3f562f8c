package io.recant.ml.metric;

import java.util.Set;

/**
 * Whether a model tells the truth from wrong answers ({@link ScoredRow#truthRatio}): on the forget
 * set the mean of min(TR, 1/TR), 1 where it cannot tell and 0 where it can; elsewhere the mean of
 * max(0, 1 - TR), 1 where it tells them apart.
 */
public final class TruthRatio extends MeanOfSets {

  @Override
  public String name() {
    return "truth_ratio";
  }

  @Override
  public String summary() {
    return "Whether wrong answers are as likely as the right one: wanted on the forget set (near 1), unwanted elsewhere (1 is where they are not).";
  }

  @Override
  public String source() {
    return "Maini et al., TOFU, 2024";
  }

  @Override
  public Direction direction() {
    return Direction.HIGHER;
  }

  @Override
  public String needs() {
    return "rows with wrong answers to compare with (score.alternatives)";
  }

  @Override
  public Set<Reading> reads(Settings settings) {
    return Set.of(Reading.ALTERNATIVES);
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return ASKED;
  }

  @Override
  double value(ScoredRow row) {
    return of(row);
  }

  /** What a row counts for; NaN without alternatives. */
  static double of(ScoredRow row) {
    double ratio = row.truthRatio();
    return row.part() == ScoredRow.Part.FORGOTTEN
        ? Math.min(ratio, 1 / ratio)
        : Math.max(0, 1 - ratio);
  }
}
