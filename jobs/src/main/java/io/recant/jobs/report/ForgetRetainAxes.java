package io.recant.jobs.report;

import io.recant.jobs.report.ReportData.Axes;
import io.recant.jobs.report.ReportData.Measure;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Picks the two measures that show best what unlearning trades: how well the bad was forgotten
 * against how well the rest was kept. The well-known measures come first, in order; for a model
 * that has none of them, the rows a measure was taken on tell its side. The page lets people choose
 * others.
 */
final class ForgetRetainAxes {

  private static final List<String> FORGETTING =
      List.of(
          "acc_corr",
          "recovery",
          "probability_false",
          "forget_quality",
          "truth_ratio",
          "exact_memorisation");
  private static final List<String> KEEPING =
      List.of("acc_retain", "model_utility", "probability", "probability_true", "accuracy");
  private static final List<String> FORGOTTEN_ROWS = List.of("corrupted", "forgotten", "affected");
  private static final List<String> KEPT_ROWS = List.of("retained", "test", "holdout", "elsewhere");

  private ForgetRetainAxes() {}

  /** The axes, or null when the measures do not offer one of each side. */
  static Axes choose(List<Measure> measures) {
    Measure forget = side(measures, FORGETTING, FORGOTTEN_ROWS, KEPT_ROWS).orElse(null);
    if (forget == null) {
      return null;
    }
    List<Measure> others = measures.stream().filter(m -> !m.equals(forget)).toList();
    return side(others, KEEPING, KEPT_ROWS, FORGOTTEN_ROWS)
        .map(retain -> new Axes(forget, retain))
        .orElse(null);
  }

  private static Optional<Measure> side(
      List<Measure> measures, List<String> metrics, List<String> rows, List<String> otherRows) {
    Stream<Measure> known =
        metrics.stream().flatMap(metric -> onBestRows(measures, metric, rows, otherRows));
    Stream<Measure> byRows =
        rows.stream().flatMap(r -> measures.stream().filter(m -> m.split().equals(r)));
    return Stream.concat(known, byRows).findFirst();
  }

  /**
   * A metric on the rows of its side if there are such, else on neutral ones, never on the others.
   */
  private static Stream<Measure> onBestRows(
      List<Measure> measures, String metric, List<String> rows, List<String> otherRows) {
    List<Measure> named = measures.stream().filter(m -> m.metric().equals(metric)).toList();
    Stream<Measure> own =
        rows.stream().flatMap(r -> named.stream().filter(m -> m.split().equals(r)));
    boolean sided = metric.startsWith("acc_") || metric.equals("recovery");
    Stream<Measure> neutral = named.stream().filter(m -> sided || !otherRows.contains(m.split()));
    return Stream.concat(own, neutral);
  }
}
