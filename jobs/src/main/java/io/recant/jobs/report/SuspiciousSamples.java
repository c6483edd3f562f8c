package io.recant.jobs.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import io.recant.core.table.Table;
import io.recant.jobs.report.ReportData.Opinion;
import io.recant.jobs.report.ReportData.Picture;
import io.recant.jobs.report.ReportData.Repair;
import io.recant.jobs.report.ReportData.Suspicious;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The samples of the forget and review sets with the highest {@code p_bad}, with what every
 * detector says of them, the picture, the target that repair suggests and, where errors were put in
 * on purpose, the truth. A corpus is sorted no further than to its first few rows, and texts are
 * cut before they leave an executor.
 */
final class SuspiciousSamples {

  private static final int MOST_REASONS = 6;

  private static final String[] COLUMNS = {
    "corpus",
    "sample_id",
    "action",
    "p_bad",
    "input",
    "context",
    "image",
    "target",
    "suggested_target",
    "reasons",
    "source_uri",
    "source_row"
  };

  private SuspiciousSamples() {}

  /**
   * At most {@code config.top()} samples of each corpus, the worst first; none that were known to
   * be bad, of which nobody has to be told.
   */
  static List<Suspicious> of(StepContext context, ReportConfig config, Collection<String> corpora) {
    List<Suspicious> suspicious = new ArrayList<>();
    if (config.top() > 0) {
      Dataset<Row> judged = columns(context, Table.FORGET).union(columns(context, Table.REVIEW));
      if (context.has(Table.KNOWN_BAD)) {
        judged =
            judged.join(
                context.read(Table.KNOWN_BAD).select("corpus", "sample_id"),
                new String[] {"corpus", "sample_id"},
                "left_anti");
      }
      for (String corpus : corpora) {
        suspicious.addAll(ofCorpus(context, config, corpus, judged));
      }
    }
    return suspicious;
  }

  private static Dataset<Row> columns(StepContext context, Table table) {
    return context.read(table).selectExpr(COLUMNS);
  }

  private static List<Suspicious> ofCorpus(
      StepContext context, ReportConfig config, String corpus, Dataset<Row> judged) {
    Dataset<Row> candidates = judged.where(col("corpus").equalTo(corpus));
    List<Row> rows =
        candidates
            .orderBy(col("p_bad").desc_nulls_last(), col("sample_id"))
            .limit(config.top())
            .select(
                col("sample_id"),
                col("action"),
                col("p_bad"),
                cut(col("input"), config),
                cut(col("context"), config),
                cut(col("target"), config),
                cut(col("suggested_target"), config),
                transform(slice(col("reasons"), 1, MOST_REASONS), r -> cut(r, config)),
                col("source_uri"),
                col("source_row"))
            .collectAsList();
    Object[] ids = rows.stream().map(r -> r.getString(0)).toArray();
    Map<String, List<Opinion>> opinions = opinions(context, corpus, ids);
    Map<String, Repair> repairs = RepairEvidence.of(context, corpus, ids, c -> cut(c, config));
    Map<String, Row> planted = planted(context, config, corpus, ids);
    Map<String, Picture> pictures = SamplePictures.of(candidates, ids);
    return rows.stream()
        .map(
            r ->
                suspicious(
                    corpus,
                    r,
                    pictures.get(r.getString(0)),
                    opinions.getOrDefault(r.getString(0), List.of()),
                    repairs.get(r.getString(0)),
                    planted.get(r.getString(0))))
        .toList();
  }

  private static Map<String, List<Opinion>> opinions(
      StepContext context, String corpus, Object[] ids) {
    Map<String, List<Opinion>> opinions = new HashMap<>();
    for (Row row :
        context
            .read(Table.FINDINGS)
            .where(col("corpus").equalTo(corpus).and(col("sample_id").isin(ids)))
            .select("sample_id", "detector", "score")
            .orderBy("detector")
            .collectAsList()) {
      opinions
          .computeIfAbsent(row.getString(0), k -> new ArrayList<>())
          .add(new Opinion(row.getString(1), row.getDouble(2)));
    }
    return opinions;
  }

  private static Map<String, Row> planted(
      StepContext context, ReportConfig config, String corpus, Object[] ids) {
    Map<String, Row> planted = new HashMap<>();
    for (Row row :
        context
            .read(Table.INJECTIONS)
            .where(col("corpus").equalTo(corpus).and(col("sample_id").isin(ids)))
            .select(col("sample_id"), col("injector"), cut(col("before"), config))
            .collectAsList()) {
      planted.put(row.getString(0), row);
    }
    return planted;
  }

  private static Suspicious suspicious(
      String corpus, Row row, Picture picture, List<Opinion> opinions, Repair repair, Row planted) {
    return new Suspicious(
        corpus,
        row.getString(0),
        row.getString(1),
        row.isNullAt(2) ? null : row.getDouble(2),
        row.getString(3),
        row.getString(4),
        picture,
        row.getString(5),
        row.getString(6),
        repair,
        row.isNullAt(7) ? List.of() : row.getList(7),
        opinions,
        planted == null ? null : planted.getString(1),
        planted == null ? null : planted.getString(2),
        row.getString(8) + ":" + row.getLong(9));
  }

  private static Column cut(Column text, ReportConfig config) {
    int most = config.textLength();
    return when(length(text).gt(most), concat(substring(text, 1, most), lit("\u2026")))
        .otherwise(text);
  }
}
