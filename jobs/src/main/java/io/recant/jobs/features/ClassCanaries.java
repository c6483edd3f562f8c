package io.recant.jobs.features;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import io.recant.core.label.NoiseTransition;
import io.recant.core.table.Table;
import io.recant.jobs.noise.GivenLabel;
import io.recant.jobs.noise.TransitionEstimate;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Canaries of a classification corpus: copies of samples whose label is replaced the way labels of
 * this corpus go wrong. With the estimated transition T, a sample given class g is drawn with a
 * weight of P(g is right) (1 - T[g][g]), and gets class j with probability T[g][j] / (1 - T[g][g]):
 * canaries then meet the detectors as real errors do, confusions of two classes as often as random
 * flips. Drawn without replacement by exponential races (Efraimidis and Spirakis 2006).
 */
final class ClassCanaries {

  private static final String INJECTOR = "noise-transition";

  private ClassCanaries() {}

  /** Rows of table {@code canaries}. */
  static Dataset<Row> draw(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      Dataset<Row> samples,
      Dataset<Row> predictions) {
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
    JavaRDD<GivenLabel> given = rows.toJavaRDD().map(ClassCanaries::given);
    TransitionEstimate estimate =
        TransitionEstimate.of(
            given, TransitionEstimate.shares(given.map(GivenLabel::given), classes.size()));
    context.measure("background_rate." + corpus, estimate.backgroundRate());
    long wanted =
        Math.min(config.canaries().most(), Math.round(config.canaries().share() * rows.count()));
    NoiseTransition transition = estimate.transition();
    return rows.map(
            (MapFunction<Row, Row>) row -> drawn(row, transition, classes, seed),
            Encoders.row(raceSchema()))
        .where("race is not null")
        .orderBy("race", "canary_id")
        .limit((int) wanted)
        .drop("race")
        .map((MapFunction<Row, Row>) row -> row, Encoders.row(Schemas.of(Table.CANARIES)));
  }

  private static StructType raceSchema() {
    return Schemas.of(Table.CANARIES).add("race", DataType.fromDDL("double"), true);
  }

  private static GivenLabel given(Row row) {
    float[] probabilities = Vectors.of(row, "probabilities");
    double[] p = new double[probabilities.length];
    for (int k = 0; k < p.length; k++) {
      p[k] = probabilities[k];
    }
    return new GivenLabel(key(row.getAs("sample_id")), row.<Integer>getAs("class_index"), p);
  }

  private static Row drawn(Row row, NoiseTransition transition, List<String> classes, long seed) {
    GivenLabel sample = given(row);
    SplittableRandom random = new SplittableRandom(seed ^ sample.key());
    double right = 1 - transition.wrong(transition.truth(sample.p()), sample.given());
    double[] flips = transition.matrix()[sample.given()];
    double weight = right * (1 - flips[sample.given()]);
    double race = -Math.log(1 - random.nextDouble()) / weight;
    double at = random.nextDouble() * (1 - flips[sample.given()]);
    int drawn = -1;
    for (int k = 0; k < flips.length && at >= 0; k++) {
      if (k != sample.given() && flips[k] > 0) {
        drawn = k;
        at -= flips[k];
      }
    }
    String id = row.getAs("sample_id");
    return RowFactory.create(
        "canary-" + id,
        id,
        INJECTOR,
        drawn < 0 ? "" : classes.get(drawn),
        null,
        null,
        null,
        null,
        row.getAs("corpus"),
        row.getAs("shard"),
        drawn < 0 || !Double.isFinite(race) ? null : race);
  }

  /** 64 bits of a sample's name, the same everywhere. */
  private static long key(String sampleId) {
    return Seeds.derive(0, sampleId);
  }
}
