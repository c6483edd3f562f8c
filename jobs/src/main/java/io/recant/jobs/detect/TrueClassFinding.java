package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.spark.sql.Row;

/** A label error as a detector states it that knows how probable each class is the true one. */
final class TrueClassFinding {

  private TrueClassFinding() {}

  /**
   * The finding.
   *
   * @param p what the label was judged by, one probability a class
   * @param truth how probable each class is the true one
   * @param wrong the score
   * @param suggested the likeliest class; nothing is suggested where it is the given one
   */
  static Row of(
      LabelledRow row,
      double[] p,
      double[] truth,
      double wrong,
      int suggested,
      List<String> classes,
      String reason) {
    ObjectNode evidence = Finding.evidence();
    evidence.put("p_given", Finding.rounded(p[row.given()]));
    evidence.put("truth_given", Finding.rounded(truth[row.given()]));
    evidence.put("truth_suggested", Finding.rounded(truth[suggested]));
    return Finding.of(
        row.id(),
        row.shard(),
        row.canary(),
        Finding.LABEL_ERROR,
        wrong,
        suggested == row.given() ? null : classes.get(suggested),
        reason,
        evidence);
  }
}
