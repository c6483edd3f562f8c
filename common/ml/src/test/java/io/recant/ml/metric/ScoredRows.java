package io.recant.ml.metric;

import io.recant.ml.metric.ScoredRow.Alternatives;
import io.recant.ml.metric.ScoredRow.Answer;
import io.recant.ml.metric.ScoredRow.Part;
import io.recant.ml.metric.ScoredRow.Said;
import java.util.List;
import java.util.Locale;

/** Rows of tests, of which only that is said that matters there. */
final class ScoredRows {

  private ScoredRows() {}

  static ScoredRow of(Part part, boolean affected, Answer target, Answer falseTarget) {
    return new ScoredRow(
        "row", part, set(part), affected, target, falseTarget, null, null, null, null, null, null);
  }

  /** A row with other answers; the target is the right answer where there is no paraphrase. */
  static ScoredRow choice(
      Part part, String set, Answer target, Answer paraphrased, Answer... wrong) {
    Alternatives alternatives = new Alternatives(paraphrased, List.of(wrong));
    return new ScoredRow(
        "row", part, set, false, target, null, alternatives, null, null, null, null, null);
  }

  /** A row whose answer was asked for, and how it goes on. */
  static ScoredRow said(ScoredRow row, Said answer, Said continuation) {
    return new ScoredRow(
        row.id(),
        row.part(),
        row.set(),
        row.affected(),
        row.target(),
        row.falseTarget(),
        row.alternatives(),
        answer,
        continuation,
        row.gradient(),
        row.relearnt(),
        row.rounded());
  }

  /** A row of that name whose model was probed. */
  static ScoredRow probed(
      String id, Part part, Answer target, Double gradient, Answer relearnt, Answer rounded) {
    return new ScoredRow(
        id, part, set(part), false, target, null, null, null, null, gradient, relearnt, rounded);
  }

  private static String set(Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }
}
