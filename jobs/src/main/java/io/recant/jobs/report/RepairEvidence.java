package io.recant.jobs.report;

import static org.apache.spark.sql.functions.col;

import io.recant.core.table.Table;
import io.recant.jobs.report.ReportData.Repair;
import io.recant.jobs.report.ReportData.RepairScore;
import io.recant.spark.step.StepContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/** What suggested targets are worth, and those of single samples. */
final class RepairEvidence {

  private RepairEvidence() {}

  /** The rows of {@code repair_scores} of the corpora shown. */
  static List<RepairScore> scores(StepContext context, Set<String> corpora) {
    return context
        .read(Table.REPAIR_SCORES)
        .where(col("corpus").isin(corpora.toArray()))
        .orderBy("corpus", "measure", "basis")
        .select("corpus", "measure", "basis", "value", "lower", "upper", "n")
        .collectAsList()
        .stream()
        .map(
            r ->
                new RepairScore(
                    r.getString(0),
                    r.getString(1),
                    r.getString(2),
                    r.getAs("value"),
                    r.getAs("lower"),
                    r.getAs("upper"),
                    r.getLong(6)))
        .toList();
  }

  /**
   * The suggestions for a few samples, by id.
   *
   * @param cut shortens a text
   */
  static Map<String, Repair> of(
      StepContext context, String corpus, Object[] ids, UnaryOperator<Column> cut) {
    Map<String, Repair> repairs = new HashMap<>();
    for (Row row :
        context
            .read(Table.REPAIRS)
            .where(col("corpus").equalTo(corpus).and(col("sample_id").isin(ids)))
            .select(
                col("sample_id"),
                cut.apply(col("suggested_target")),
                col("p_suggested"),
                col("action"),
                cut.apply(col("second_target")),
                col("p_second"))
            .collectAsList()) {
      repairs.put(
          row.getString(0),
          new Repair(
              row.getString(1),
              row.isNullAt(2) ? null : row.getDouble(2),
              row.getString(3),
              row.getString(4),
              row.isNullAt(5) ? null : row.getDouble(5)));
    }
    return repairs;
  }
}
