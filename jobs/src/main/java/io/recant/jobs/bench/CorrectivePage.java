package io.recant.jobs.bench;

import io.recant.jobs.page.HtmlPage;
import java.util.List;
import java.util.Map;

/** The page of corrective unlearning: accuracy over the share of the damage that is known. */
final class CorrectivePage {

  private CorrectivePage() {}

  private record Data(List<Map<String, Object>> methods, List<Map<String, Object>> found) {}

  /**
   * The page, in UTF-8 when written.
   *
   * @param methods what was measured of every method, by column
   * @param found what was found beside the known rows, by column
   */
  static String of(List<Map<String, Object>> methods, List<Map<String, Object>> found) {
    return HtmlPage.of(
        "Corrective unlearning from a clue",
        new Data(methods, found),
        CorrectivePage.class,
        List.of("corrective.js"),
        "showCorrective");
  }
}
