package io.recant.jobs.features;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import io.recant.core.table.Table;
import io.recant.jobs.noise.GivenLabel;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.storage.StorageLevel;

/**
 * Canaries of a classification corpus: copies of samples whose label is replaced the way labels of
 * this corpus go wrong ({@link CanaryNoise}), so that canaries are made up as the errors are. Were
 * they not, detectors would be weighed by how well they find other errors.
 */
final class ClassCanaries {

  private ClassCanaries() {}

  /**
   * Rows of table {@code canaries}.
   *
   * @param kept takes what has to stay cached until they are written
   */
  static Dataset<Row> draw(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      Dataset<Row> samples,
      Dataset<Row> predictions,
      List<Dataset<Row>> kept) {
    if (config.canaries().share() == 0) {
      return context.spark().createDataFrame(List.of(), Schemas.of(Table.CANARIES));
    }
    Dataset<Row> index =
        context
            .read(Table.CLASSES)
            .where(col("corpus").equalTo(corpus))
            .select(col("class_name").as("target"), col("class_index"));
    List<String> classes =
        index.orderBy("class_index").select("target").as(Encoders.STRING()).collectAsList();
    long seed = Seeds.derive(context.seed(), "features/canaries/" + corpus);
    Dataset<Row> rows =
        samples
            .select("corpus", "shard", "sample_id", "target")
            .join(broadcast(index), "target")
            .join(predictions.select("sample_id", "probabilities"), "sample_id")
            .persist(StorageLevel.MEMORY_AND_DISK());
    kept.add(rows);
    JavaRDD<GivenLabel> given = rows.toJavaRDD().map(ClassCanaries::given);
    long count = rows.count();
    CanaryNoise noise = CanaryNoise.of(context, corpus, given, classes.size(), count);
    double wanted =
        Math.min(config.canaries().most(), Math.round(config.canaries().share() * count));
    double errors = noise.all(given);
    double each = errors <= 0 ? 0 : wanted / errors;
    return rows.flatMap(
        (FlatMapFunction<Row, Row>) row -> canaries(row, noise, each, classes, seed).iterator(),
        Encoders.row(Schemas.of(Table.CANARIES)));
  }

  private static GivenLabel given(Row row) {
    return GivenLabel.of(
        row.getAs("sample_id"),
        row.<Integer>getAs("class_index"),
        Vectors.of(row, "probabilities"));
  }

  /**
   * The canaries of one sample, mostly none.
   *
   * @param each canaries for each expected error
   */
  private static List<Row> canaries(
      Row row, CanaryNoise noise, double each, List<String> classes, long seed) {
    GivenLabel sample = given(row);
    SplittableRandom random = new SplittableRandom(seed ^ sample.key());
    int copies = (int) (noise.errors(sample) * each + random.nextDouble());
    double[] labels = noise.labels(sample);
    double all = Arrays.stream(labels).sum();
    List<Row> canaries = new ArrayList<>();
    for (int copy = 0; copy < copies; copy++) {
      int label = drawn(labels, random.nextDouble() * all);
      canaries.add(canary(row, noise.name(), classes.get(label), copy));
    }
    return canaries;
  }

  private static int drawn(double[] labels, double at) {
    double left = at;
    int drawn = -1;
    for (int k = 0; k < labels.length && left >= 0; k++) {
      if (labels[k] > 0) {
        drawn = k;
        left -= labels[k];
      }
    }
    return drawn;
  }

  private static Row canary(Row row, String injector, String target, int copy) {
    String id = row.getAs("sample_id");
    return RowFactory.create(
        "canary-" + id + "-" + copy,
        id,
        injector,
        target,
        null,
        null,
        null,
        null,
        row.getAs("corpus"),
        row.getAs("shard"));
  }
}
