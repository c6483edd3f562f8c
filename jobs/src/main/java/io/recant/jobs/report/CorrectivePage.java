package io.recant.jobs.report;

import java.util.List;
import java.util.Map;

/** The page of corrective unlearning: accuracy over the share of the damage that is known. */
public final class CorrectivePage {

  private CorrectivePage() {}

  private record Data(List<Map<String, Object>> methods, List<Map<String, Object>> found) {}

  /**
   * The page, in UTF-8 when written.
   *
   * @param methods what was measured of every method, by column
   * @param found what was found beside the known rows, by column
   */
  public static String of(List<Map<String, Object>> methods, List<Map<String, Object>> found) {
    return ReportPage.of(
        "Corrective unlearning from a clue",
        new Data(methods, found),
        List.of("corrective.js"),
        "showCorrective");
  }
}
