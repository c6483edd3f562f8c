package io.recant.jobs.report;

import io.recant.jobs.report.ReportData.Corpus;
import io.recant.jobs.report.ReportData.DetectionScore;
import io.recant.jobs.report.ReportData.Method;
import io.recant.jobs.report.ReportData.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The few sentences at the top: what a person without a manual should take home. */
final class Headline {

  /** The name under which {@code detection_scores} keeps the joined verdict. */
  private static final String JOINED = "decide";

  private Headline() {}

  /** The corpus with its sentences. */
  static Corpus addTo(Corpus c, List<DetectionScore> scores) {
    List<String> sentences = new ArrayList<>();
    sentences.add(rowsRead(c));
    sentences.add(verdict(c));
    evidence(c.name(), scores, "canaries")
        .map(e -> "It estimates from canaries that " + e + ".")
        .ifPresent(sentences::add);
    evidence(c.name(), scores, "truth")
        .map(e -> "Against the errors put in on purpose, " + e + ".")
        .ifPresent(sentences::add);
    return new Corpus(
        c.name(),
        c.read(),
        c.quarantined(),
        c.samples(),
        c.splits(),
        c.quarantine(),
        c.decided(),
        c.judged(),
        c.forget(),
        c.review(),
        c.retain(),
        c.threshold(),
        c.histogram(),
        c.planted(),
        List.copyOf(sentences));
  }

  /** One sentence about the best method of a model; null when nothing can be compared. */
  static String of(List<Method> methods) {
    Method best =
        methods.stream()
            .filter(m -> m.role() == Role.METHOD && m.closeness() != null)
            .findFirst()
            .orElse(null);
    if (best == null) {
      return null;
    }
    String cost =
        methods.stream()
            .filter(m -> m.name().equals("retrained") && m.seconds() != null && m.seconds() > 0)
            .findFirst()
            .filter(r -> best.seconds() != null)
            .map(
                r -> ", at " + percent(best.seconds() / r.seconds()) + " of the time of retraining")
            .orElse("");
    return String.format(
        Locale.ROOT,
        "%s comes closest to the model that never saw the bad rows: closeness %.2f over %d %s%s.",
        best.name(),
        best.closeness(),
        best.measures(),
        best.measures() == 1 ? "measure" : "measures",
        cost);
  }

  private static String rowsRead(Corpus c) {
    String read = number(c.read()) + (c.read() == 1 ? " row was read; " : " rows were read; ");
    return c.quarantined() == 0
        ? read + "every one became a sample."
        : read
            + number(c.quarantined())
            + " could not become samples and "
            + (c.quarantined() == 1 ? "waits" : "wait")
            + " in quarantine with a reason.";
  }

  private static String verdict(Corpus c) {
    if (c.decided() == 0) {
      return "No sample has been judged yet: there are no decisions in this run.";
    }
    String review =
        c.review() == 0
            ? "; no sample needs a person"
            : " and would have a person look at " + number(c.review());
    return "Recant would unlearn "
        + number(c.forget())
        + " samples ("
        + percent((double) c.forget() / c.samples())
        + ")"
        + review
        + ".";
  }

  private static Optional<String> evidence(
      String corpus, List<DetectionScore> scores, String basis) {
    Optional<String> precision =
        share(corpus, scores, "precision", basis).map(p -> p + " of the forget set is really bad");
    Optional<String> recall =
        share(corpus, scores, "recall", basis).map(r -> r + " of everything bad is in it");
    return precision.isPresent() && recall.isPresent()
        ? Optional.of(precision.get() + " and " + recall.get())
        : precision.or(() -> recall);
  }

  private static Optional<String> share(
      String corpus, List<DetectionScore> scores, String measure, String basis) {
    return scores.stream()
        .filter(
            s ->
                s.corpus().equals(corpus)
                    && s.detector().equals(JOINED)
                    && s.measure().equals(measure)
                    && s.basis().equals(basis)
                    && s.value() != null
                    && Double.isFinite(s.value()))
        .findFirst()
        .map(s -> percent(s.value()) + interval(s));
  }

  private static String interval(DetectionScore s) {
    return s.lower() == null || s.upper() == null
        ? ""
        : " (between " + percent(s.lower()) + " and " + percent(s.upper()) + ")";
  }

  /** A count with its thousands set apart. */
  private static String number(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** A share in per cent, with one decimal below ten. */
  private static String percent(double share) {
    double percent = 100 * share;
    return String.format(Locale.ROOT, percent > 0 && percent < 10 ? "%.1f %%" : "%.0f %%", percent);
  }
}
