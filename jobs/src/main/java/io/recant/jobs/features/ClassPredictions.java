package io.recant.jobs.features;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;

import io.recant.core.table.Table;
import io.recant.jobs.cells.SettingsText;
import io.recant.spark.progress.Progress;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.storage.StorageLevel;

/**
 * Out-of-sample class probabilities of one corpus: a head per fold and repeat, each repeat scaled
 * by its own temperature, averaged.
 */
final class ClassPredictions {

  /** The name these predictions have in table {@code predictions}. */
  static final String MODEL = "head";

  private ClassPredictions() {}

  /** Rows of table {@code predictions}, kept on disk until the caller unpersists them. */
  static Dataset<Row> of(
      StepContext context, FeaturesConfig config, String corpus, Dataset<Row> vectors) {
    List<Row> classes =
        context
            .read(Table.CLASSES)
            .where(col("corpus").equalTo(corpus))
            .orderBy("class_index")
            .collectAsList();
    Dataset<Row> labelled =
        vectors
            .join(
                org.apache.spark.sql.functions.broadcast(
                    context
                        .read(Table.CLASSES)
                        .where(col("corpus").equalTo(corpus))
                        .select(col("class_name").as("target"), col("class_index"))),
                "target")
            .select(
                col("sample_id").as("id"),
                col("sample_id").as("fold_key"),
                lit(false).as("canary"),
                col("corpus"),
                col("shard"),
                array(col("class_index")).as("ids"),
                col("vector"))
            .persist(StorageLevel.DISK_ONLY());
    long rows = labelled.count();
    long seed = Seeds.derive(context.seed(), "features/heads/" + corpus);
    try (Progress.Task progress =
        context
            .progress()
            .begin("out-of-fold heads of " + corpus, rows * config.repeats(), "predictions")) {
      Dataset<Row> raw =
          HeadRows.deal(
                  labelled,
                  config.repeats(),
                  config.folds(),
                  (double) config.maxTrainingRows() / rows,
                  seed)
              .mapPartitions(
                  new HeadFold(
                      SettingsText.write(config.head()),
                      classes.size(),
                      false,
                      seed,
                      progress.counter()),
                  Encoders.row(HeadFold.schema()))
              .persist(StorageLevel.MEMORY_AND_DISK());
      double[] temperatures = temperatures(raw, config.repeats());
      for (int r = 0; r < temperatures.length; r++) {
        context.measure("temperature." + corpus + "." + r, temperatures[r]);
      }
      Dataset<Row> predictions = average(raw, temperatures).persist(StorageLevel.MEMORY_AND_DISK());
      predictions.count();
      raw.unpersist();
      labelled.unpersist();
      return predictions;
    }
  }

  private static double[] temperatures(Dataset<Row> raw, int repeats) {
    return raw.where("log_probabilities is not null and not canary")
        .select("repeat", "log_probabilities", "ids")
        .toJavaRDD()
        .aggregate(
            new Temperatures(repeats),
            (sums, row) ->
                sums.add(row.getInt(0), floats(row, 1), (Integer) row.<Integer>getList(2).get(0)),
            Temperatures::merge)
        .best();
  }

  private static Dataset<Row> average(Dataset<Row> raw, double[] temperatures) {
    Column prediction =
        org.apache.spark.sql.functions.when(
            col("log_probabilities").isNotNull(),
            struct(col("repeat"), col("fold"), col("log_probabilities")));
    return raw.groupBy("corpus", "shard", "id")
        .agg(
            collect_list(prediction).as("predictions"),
            max("epoch_probability").as("epoch_probability"),
            max("epoch_margin").as("epoch_margin"))
        .map(
            (MapFunction<Row, Row>) row -> averaged(row, temperatures),
            Encoders.row(Schemas.of(Table.PREDICTIONS)));
  }

  private static Row averaged(Row row, double[] temperatures) {
    double[] sum = null;
    int fold = -1;
    List<Row> predictions = row.getList(3);
    // In order of the repeats: floating-point sums depend on it, and rows have to come out the same
    // every time.
    for (Row prediction :
        predictions.stream().sorted(java.util.Comparator.comparing(r -> r.getInt(0))).toList()) {
      double[] p = Temperatures.tempered(floats(prediction, 2), temperatures[prediction.getInt(0)]);
      sum = sum == null ? new double[p.length] : sum;
      fold = prediction.getInt(0) == 0 ? prediction.getInt(1) : fold;
      for (int k = 0; k < p.length; k++) {
        sum[k] += p[k] / predictions.size();
      }
    }
    float[] probabilities = new float[sum.length];
    for (int k = 0; k < sum.length; k++) {
      probabilities[k] = (float) sum[k];
    }
    return RowFactory.create(
        row.getString(2),
        MODEL,
        fold,
        probabilities,
        null,
        null,
        null,
        row.get(4),
        row.get(5),
        row.getString(0),
        row.getInt(1));
  }

  private static float[] floats(Row row, int i) {
    List<Float> values = row.getList(i);
    float[] floats = new float[values.size()];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = values.get(k);
    }
    return floats;
  }
}
