package io.recant.jobs.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;

import io.recant.core.table.Table;
import io.recant.jobs.report.ReportData.TrainingCurve;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How the losses went, step by step, for the first seed of every method: seeds may stop at
 * different steps, and a mean over those would show jumps that no training had. Thinned inside
 * Spark to means over equal stretches of steps.
 */
final class TrainingCurves {

  private TrainingCurves() {}

  /** Curves of at most {@code points} points, by model. */
  static Map<String, List<TrainingCurve>> of(StepContext context, int points) {
    Dataset<Row> log = context.read(Table.TRAINING_LOG);
    Dataset<Row> first =
        log.groupBy("model", "method", "seed")
            .agg(max("step").as("last"))
            .groupBy("model", "method")
            .agg(min(struct("seed", "last")).as("first"))
            .select("model", "method", "first.seed", "first.last");
    Map<String, Map<String, TrainingCurve>> curves = new TreeMap<>();
    for (Row row :
        log.join(broadcast(first), new String[] {"model", "method", "seed"}, "inner")
            .groupBy(
                col("model"),
                col("method"),
                col("seed"),
                floor(col("step").minus(1).multiply(points).divide(col("last"))).as("stretch"))
            .agg(max("step"), avg("loss"), avg("forget_loss"), avg("retain_loss"))
            .orderBy("model", "method", "stretch")
            .collectAsList()) {
      curves
          .computeIfAbsent(row.getString(0), m -> new LinkedHashMap<>())
          .computeIfAbsent(
              row.getString(1), m -> new TrainingCurve(m, row.getLong(2), new ArrayList<>()))
          .points()
          .add(new double[] {row.getLong(4), loss(row, 5), loss(row, 6), loss(row, 7)});
    }
    Map<String, List<TrainingCurve>> byModel = new TreeMap<>();
    curves.forEach((model, byMethod) -> byModel.put(model, List.copyOf(byMethod.values())));
    return byModel;
  }

  private static double loss(Row row, int column) {
    return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
  }
}
