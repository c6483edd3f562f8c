package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.recant.core.label.LabelFilter;
import io.recant.core.stats.Ranking;
import io.recant.core.table.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** What a pipeline found, what it said about that itself, and what is true. */
final class DetectionQuality {

  static final StructType PIPELINES =
      (StructType)
          DataType.fromDDL(
              "corpus string, rows bigint, flagged bigint, precision double, precision_estimated double,"
                  + " recall double, recall_estimated double, f1 double, best_f1 double, auroc double,"
                  + " average_precision double, share_bad double, share_bad_estimated double,"
                  + " best_filter string, best_filter_f1 double");
  static final StructType DETECTORS =
      (StructType)
          DataType.fromDDL(
              "corpus string, detector string, rows bigint, auroc double, average_precision double,"
                  + " best_f1 double");

  private final SparkSession spark;
  private final DetectionCorpora.Judged judged;

  DetectionQuality(SparkSession spark, DetectionCorpora.Judged judged) {
    this.spark = spark;
    this.judged = judged;
  }

  /** The forget set: a row of {@link #PIPELINES}. */
  Row pipeline() {
    Dataset<Row> decisions =
        RunTables.read(spark, judged.run(), Table.DECISIONS)
            .join(judged.bad(), RunTables.sampleId());
    Row counts =
        decisions
            .agg(
                count(lit(1)),
                count(when(col("action").equalTo("forget"), 1)),
                count(when(col("action").equalTo("forget").and(col("bad")), 1)),
                count(when(col("bad"), 1)))
            .first();
    double flagged = counts.getLong(1);
    double precision = counts.getLong(2) / flagged;
    double recall = (double) counts.getLong(2) / counts.getLong(3);
    Ranking ranking = ranking(decisions.select(col("p_bad").as("score"), col("bad")));
    Map<String, Double> estimated = estimated();
    Map.Entry<String, Double> filter = bestFilter();
    return RowFactory.create(
        judged.name(),
        counts.getLong(0),
        counts.getLong(1),
        precision,
        estimated.get("precision"),
        recall,
        estimated.get("recall"),
        2 * precision * recall / (precision + recall),
        ranking.best().f1(),
        ranking.auroc(),
        ranking.averagePrecision(),
        (double) counts.getLong(3) / counts.getLong(0),
        estimated.get("share_bad"),
        filter.getKey(),
        filter.getValue());
  }

  /** Each detector by itself: rows of {@link #DETECTORS}. */
  List<Row> detectors() {
    Dataset<Row> findings =
        RunTables.read(spark, judged.run(), Table.FINDINGS)
            .join(judged.bad(), RunTables.sampleId());
    List<Row> rows = new ArrayList<>();
    for (Row detector : findings.groupBy("detector").count().orderBy("detector").collectAsList()) {
      Ranking ranking =
          ranking(
              findings
                  .where(col("detector").equalTo(detector.getString(0)))
                  .select("score", "bad"));
      rows.add(
          RowFactory.create(
              judged.name(),
              detector.getString(0),
              detector.getLong(1),
              ranking.auroc(),
              ranking.averagePrecision(),
              ranking.best().f1()));
    }
    return rows;
  }

  private static Ranking ranking(Dataset<Row> scored) {
    List<Ranking.Bin> bins = new ArrayList<>();
    for (Row row :
        scored
            .groupBy("score")
            .agg(sum(when(col("bad"), 1L).otherwise(0L)), count(lit(1)))
            .collectAsList()) {
      bins.add(new Ranking.Bin(row.getDouble(0), row.getLong(1), row.getLong(2) - row.getLong(1)));
    }
    return Ranking.of(bins);
  }

  private Map<String, Double> estimated() {
    Map<String, Double> estimated = new HashMap<>();
    RunTables.read(spark, judged.run(), Table.DETECTION_SCORES)
        .where("detector = 'decide' and basis = 'canaries'")
        .select("measure", "value")
        .collectAsList()
        .forEach(row -> estimated.put(row.getString(0), row.isNullAt(1) ? null : row.getDouble(1)));
    return estimated;
  }

  /** The filter of cleanlab with the best F1 on the probabilities the pipeline used. */
  private Map.Entry<String, Double> bestFilter() {
    LabelledPredictions predictions =
        LabelledPredictions.of(
            judged.name(), RunTables.labelled(spark, judged.run(), judged.bad()));
    Map<String, Double> f1 = new TreeMap<>();
    for (LabelFilter filter : LabelFilter.values()) {
      double found = predictions.flagged(filter).f1();
      f1.put(filter.name().toLowerCase(Locale.ROOT), Double.isNaN(found) ? 0 : found);
    }
    return f1.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
  }
}
