package io.recant.jobs.report;

import io.recant.jobs.page.HtmlPage;
import java.util.List;

/** The report of a run as one HTML file. */
final class ReportPage {

  /** In the order they build on each other. */
  private static final List<String> SCRIPTS =
      List.of(
          "rows.js",
          "detection.js",
          "samples.js",
          "models.js",
          "training.js",
          "provenance.js",
          "report.js");

  private ReportPage() {}

  /** The page, in UTF-8 when written. */
  static String of(ReportData data) {
    return HtmlPage.of(
        data.title() + " \u00b7 " + data.runId(), data, ReportPage.class, SCRIPTS, "showReport");
  }
}
