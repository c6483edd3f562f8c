package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The share of bad rows above which a corpus is not what its configuration says it is. */
final class QuarantineCeiling {

  private static final int REASONS_SHOWN = 3;

  private QuarantineCeiling() {}

  /**
   * The quarantined rows of one code.
   *
   * @param uri where the first of them stands
   * @param row the row there
   * @param reason its reason in words
   */
  record Bad(String code, long rows, String uri, long row, String reason) {}

  /**
   * Does nothing when the share is at most {@code ceiling}.
   *
   * @param read how many rows of the corpus there are
   * @throws InputException with the most frequent reasons otherwise
   */
  static void check(String corpus, long read, List<Bad> bad, double ceiling) {
    long quarantined = bad.stream().mapToLong(Bad::rows).sum();
    if (quarantined <= ceiling * read) {
      return;
    }
    String reasons =
        bad.stream()
            .sorted(Comparator.comparingLong(Bad::rows).reversed().thenComparing(Bad::code))
            .limit(REASONS_SHOWN)
            .map(
                b ->
                    b.rows()
                        + " "
                        + b.code()
                        + " ("
                        + b.uri()
                        + ":"
                        + b.row()
                        + ": "
                        + b.reason()
                        + ")")
            .collect(Collectors.joining("; "));
    throw new InputException(
        String.format(
            Locale.ROOT,
            "corpus %s: %,d of %,d rows (%.2f %%) cannot become samples, more than max_quarantine"
                + " %s allows: %s. Correct the rows or the columns, or raise"
                + " ingest.max_quarantine",
            corpus,
            quarantined,
            read,
            100.0 * quarantined / read,
            ceiling,
            reasons));
  }
}
