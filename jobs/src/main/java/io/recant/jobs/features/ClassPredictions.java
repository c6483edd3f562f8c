package io.recant.jobs.features;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.table.Table;
import io.recant.jobs.cells.SettingsText;
import io.recant.spark.progress.Progress;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * Out-of-sample class probabilities of one corpus: a head per fold and repeat, each repeat scaled
 * by its own temperature, averaged, and the average scaled by one more.
 */
final class ClassPredictions {

  /** The name these predictions have in table {@code predictions}. */
  static final String MODEL = "head";

  private ClassPredictions() {}

  /** Rows of table {@code predictions}, kept on disk until the caller unpersists them. */
  static Dataset<Row> of(
      StepContext context, FeaturesConfig config, String corpus, Dataset<Row> vectors) {
    Dataset<Row> index =
        context
            .read(Table.CLASSES)
            .where(col("corpus").equalTo(corpus))
            .select(col("class_name").as("target"), col("class_index"));
    int classes = (int) index.count();
    Dataset<Row> labelled =
        vectors
            .join(broadcast(index), "target")
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
    int rounds = config.rescaling().rounds();
    Dataset<Row> first = null;
    Dataset<Row> last = null;
    for (int round = 0; round <= rounds; round++) {
      Dataset<Row> known = last;
      Dataset<Row> next = round(context, config, corpus, round, classes, labelled, rows, known);
      first = first == null ? next : first;
      if (known != null && known != first) {
        known.unpersist();
      }
      last = next;
    }
    labelled.unpersist();
    if (last == first) {
      return last;
    }
    Dataset<Row> predictions =
        last.drop("epoch_probability", "epoch_margin")
            .join(first.select("sample_id", "epoch_probability", "epoch_margin"), "sample_id")
            .select(columns(Table.PREDICTIONS))
            .persist(StorageLevel.MEMORY_AND_DISK());
    predictions.count();
    first.unpersist();
    last.unpersist();
    return predictions;
  }

  private static Dataset<Row> round(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      int round,
      int classes,
      Dataset<Row> labelled,
      long rows,
      Dataset<Row> known) {
    int repeats = round < config.rescaling().rounds() ? 1 : config.repeatsOf(rows);
    long seed = Seeds.derive(context.seed(), "features/heads/" + corpus);
    String what = round == 0 ? "out-of-fold heads of " : "rescaled out-of-fold heads of ";
    try (Progress.Task progress =
        context.progress().begin(what + corpus, rows * repeats, "predictions")) {
      Dataset<Row> raw =
          HeadRows.deal(
                  known == null
                      ? LabelEvidence.none(labelled)
                      : LabelEvidence.of(labelled, known, classes),
                  repeats,
                  config.folds(),
                  (double) config.maxTrainingRows() / rows,
                  seed)
              .mapPartitions(
                  new HeadFold(
                      SettingsText.write(config.head()), classes, false, seed, progress.counter()),
                  Encoders.row(HeadFold.schema()))
              .persist(StorageLevel.MEMORY_AND_DISK());
      Dataset<Row> averaged = scaled(context, corpus, round, raw, repeats, MODEL);
      raw.unpersist();
      if (repeats == 1) {
        return averaged;
      }
      double temperature = temperature(averaged, labelled);
      context.measure("temperature." + corpus + "." + round + ".average", temperature);
      Dataset<Row> predictions =
          averaged
              .withColumn("probabilities", tempered(temperature).apply(col("probabilities")))
              .persist(StorageLevel.MEMORY_AND_DISK());
      predictions.count();
      averaged.unpersist();
      return predictions;
    }
  }

  /**
   * Each repeat scaled by its own temperature, and averaged.
   *
   * @param raw rows of {@link HeadFold#schema}
   * @param model what the predictions are called
   * @return rows of table {@code predictions}, kept until the caller unpersists them
   */
  static Dataset<Row> scaled(
      StepContext context, String corpus, int round, Dataset<Row> raw, int repeats, String model) {
    double[] temperatures = temperatures(raw, repeats);
    for (int r = 0; r < temperatures.length; r++) {
      context.measure("temperature." + corpus + "." + round + "." + r, temperatures[r]);
    }
    Dataset<Row> averaged =
        average(raw, temperatures, model).persist(StorageLevel.MEMORY_AND_DISK());
    averaged.count();
    return averaged;
  }

  private static Column[] columns(Table table) {
    return Arrays.stream(Schemas.of(table).fieldNames())
        .map(name -> col(name))
        .toArray(Column[]::new);
  }

  private static double[] temperatures(Dataset<Row> raw, int repeats) {
    return raw.where("log_probabilities is not null and not canary")
        .select("repeat", "log_probabilities", "ids")
        .toJavaRDD()
        .aggregate(
            new Temperatures(repeats),
            (sums, row) ->
                sums.add(
                    row.getInt(0),
                    Vectors.of(row, "log_probabilities"),
                    (Integer) row.<Integer>getList(2).get(0)),
            Temperatures::merge)
        .best();
  }

  /** Of the average, which is less sure than what it is the average of. */
  private static double temperature(Dataset<Row> averaged, Dataset<Row> labelled) {
    return averaged
        .select(col("sample_id").as("id"), col("probabilities"))
        .join(labelled.select("id", "ids"), "id")
        .toJavaRDD()
        .aggregate(
            new Temperatures(1),
            (sums, row) ->
                sums.add(
                    0,
                    Temperatures.logs(Vectors.of(row, "probabilities")),
                    (Integer) row.<Integer>getList(2).get(0)),
            Temperatures::merge)
        .best()[0];
  }

  private static UserDefinedFunction tempered(double temperature) {
    return udf(
        (UDF1<scala.collection.Seq<Float>, float[]>)
            p -> floats(Temperatures.tempered(Temperatures.logs(Vectors.of(p)), temperature)),
        DataTypes.createArrayType(DataTypes.FloatType, false));
  }

  private static float[] floats(double[] p) {
    float[] floats = new float[p.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) p[k];
    }
    return floats;
  }

  private static Dataset<Row> average(Dataset<Row> raw, double[] temperatures, String model) {
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
            (MapFunction<Row, Row>) row -> averaged(row, temperatures, model),
            Encoders.row(Schemas.of(Table.PREDICTIONS)));
  }

  private static Row averaged(Row row, double[] temperatures, String model) {
    double[] sum = null;
    int fold = -1;
    List<Row> predictions = row.getList(3);
    // In order of the repeats: floating-point sums depend on it, and rows have to come out the same
    // every time.
    for (Row prediction :
        predictions.stream().sorted(java.util.Comparator.comparing(r -> r.getInt(0))).toList()) {
      double[] p =
          Temperatures.tempered(
              Vectors.of(prediction, "log_probabilities"), temperatures[prediction.getInt(0)]);
      sum = sum == null ? new double[p.length] : sum;
      fold = prediction.getInt(0) == 0 ? prediction.getInt(1) : fold;
      for (int k = 0; k < p.length; k++) {
        sum[k] += p[k] / predictions.size();
      }
    }
    return RowFactory.create(
        row.getString(2),
        model,
        fold,
        floats(sum),
        null,
        null,
        null,
        row.get(4),
        row.get(5),
        row.getString(0),
        row.getInt(1));
  }
}
