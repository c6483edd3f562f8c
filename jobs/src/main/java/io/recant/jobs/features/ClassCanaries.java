package io.recant.jobs.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Canaries of a classification corpus: copies of samples with a label the models confuse the given
 * one with. The false label of a sample given class g is drawn from the mean out-of-sample
 * prediction of all rows given g, g itself left out: where annotators or a process mix classes up,
 * the models' predictions carry it.
 */
final class ClassCanaries {

  private static final String INJECTOR = "confusable-labels";

  private ClassCanaries() {}

  /** Rows of table {@code canaries}. */
  static Dataset<Row> draw(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      Dataset<Row> samples,
      Dataset<Row> predictions) {
    List<String> classes =
        context
            .read(Table.CLASSES)
            .where(col("corpus").equalTo(corpus))
            .orderBy("class_index")
            .select("class_name")
            .as(Encoders.STRING())
            .collectAsList();
    long seed = Seeds.derive(context.seed(), "features/canaries/" + corpus);
    Dataset<Row> joined =
        samples
            .select("corpus", "shard", "sample_id", "target")
            .join(predictions.select("sample_id", "probabilities"), "sample_id");
    double[][] confusion = confusion(joined, classes);
    long wanted =
        Math.min(config.canaries().most(), Math.round(config.canaries().share() * samples.count()));
    Broadcast<double[][]> shared =
        context
            .spark()
            .sparkContext()
            .broadcast(confusion, scala.reflect.ClassTag$.MODULE$.apply(double[][].class));
    return joined
        .orderBy(xxhash64(col("sample_id"), lit(seed)), col("sample_id"))
        .limit((int) wanted)
        .map(
            (MapFunction<Row, Row>) row -> canary(row, classes, shared.value(), seed),
            Encoders.row(Schemas.of(Table.CANARIES)));
  }

  /** [given][k]: sum of p_k over rows given that class, the diagonal 0. */
  private static double[][] confusion(Dataset<Row> rows, List<String> classes) {
    int n = classes.size();
    double[][] confusion = new double[n][n];
    org.apache.spark.sql.Column[] sums = new org.apache.spark.sql.Column[n];
    for (int k = 0; k < n; k++) {
      sums[k] = org.apache.spark.sql.functions.sum(col("probabilities").getItem(k));
    }
    for (Row row :
        rows.groupBy("target")
            .agg(sums[0], java.util.Arrays.copyOfRange(sums, 1, n))
            .collectAsList()) {
      int given = classes.indexOf(row.getString(0));
      for (int k = 0; k < n; k++) {
        confusion[given][k] = k == given ? 0 : row.getDouble(k + 1);
      }
    }
    return confusion;
  }

  private static Row canary(Row row, List<String> classes, double[][] confusion, long seed) {
    String id = row.getAs("sample_id");
    SplittableRandom random = new SplittableRandom(seed ^ id.hashCode() * 0x9E3779B97F4A7C15L);
    double[] weights = confusion[classes.indexOf(row.<String>getAs("target"))];
    double at = random.nextDouble() * java.util.Arrays.stream(weights).sum();
    int drawn = -1;
    for (int k = 0; k < weights.length && at >= 0; k++) {
      if (weights[k] > 0) {
        drawn = k;
        at -= weights[k];
      }
    }
    return RowFactory.create(
        "canary-" + id,
        id,
        INJECTOR,
        classes.get(drawn),
        null,
        null,
        null,
        null,
        row.getAs("corpus"),
        row.getAs("shard"));
  }
}
