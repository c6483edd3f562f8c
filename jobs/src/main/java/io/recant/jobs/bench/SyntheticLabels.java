package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.ModelRows;
import io.recant.spark.table.Schemas;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A labelled corpus of any size with out-of-sample probabilities, drawn from the seed: every class
 * has a rival the model confuses it with; 6 % of the labels are wrong, half of them the rival and
 * half any class. One row in a hundred has a canary.
 */
final class SyntheticLabels implements Step<SyntheticLabels.Settings> {

  static final String NAME = "synthetic-labels";

  private static final String CORPUS = "synthetic";
  private static final double WRONG = 0.06;
  private static final StructType DRAWN =
      (StructType)
          DataType.fromDDL("sample_id string, given int, false int, probabilities array<float>");

  /** Settings of the step. */
  record Settings(
      @Setting("How many samples") long rows, @Setting("How many classes") int classes) {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Draws labels and probabilities.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Set<Table> reads(Settings config) {
    return Set.of();
  }

  @Override
  public Set<Table> writes(Settings config) {
    return Set.of(Table.SAMPLES, Table.CLASSES, Table.PREDICTIONS, Table.CANARIES);
  }

  @Override
  public void run(Settings config, StepContext context) {
    int classes = config.classes();
    context.write(
        Table.CLASSES,
        context
            .spark()
            .range(classes)
            .select(
                col("id").cast("int").as("class_index"),
                className(col("id")).as("class_name"),
                lit(config.rows() / classes).as("rows"),
                lit(CORPUS).as("corpus")));
    long seed = Seeds.derive(context.seed(), NAME);
    Dataset<Row> drawn =
        context
            .spark()
            .range(config.rows())
            .map((MapFunction<Long, Row>) id -> drawn(id, classes, seed), Encoders.row(DRAWN))
            .withColumn("corpus", lit(CORPUS))
            .withColumn(
                "shard", pmod(xxhash64(col("sample_id")), lit(context.shards())).cast("int"));
    context.write(
        Table.SAMPLES,
        filled(
            Table.SAMPLES,
            drawn
                .withColumn("task", lit("classification"))
                .withColumn("input", col("sample_id"))
                .withColumn("target", className(col("given")))
                .withColumn("split", lit("train"))
                .withColumn("source_uri", lit(""))
                .withColumn("source_row", lit(0L))));
    context.write(
        Table.PREDICTIONS,
        filled(
            Table.PREDICTIONS,
            drawn.withColumn("model", lit(ModelRows.GIVEN)).withColumn("fold", lit(-1))));
    context.write(
        Table.CANARIES,
        filled(
            Table.CANARIES,
            drawn
                .where("sample_id < '028f'")
                .withColumn(
                    "canary_id",
                    org.apache.spark.sql.functions.concat(lit("canary-"), col("sample_id")))
                .withColumn("injector", lit(NAME))
                .withColumn("target", className(col("false")))));
  }

  private static org.apache.spark.sql.Column className(org.apache.spark.sql.Column index) {
    return org.apache.spark.sql.functions.format_string("class %03d", index);
  }

  /** The columns of a table; null where there is nothing to fill in. */
  private static Dataset<Row> filled(Table table, Dataset<Row> rows) {
    Set<String> there = Set.of(rows.columns());
    return rows.select(
        java.util.Arrays.stream(Schemas.of(table).fields())
            .map(
                field ->
                    there.contains(field.name())
                        ? col(field.name())
                        : lit(null).cast(field.dataType()).as(field.name()))
            .toArray(org.apache.spark.sql.Column[]::new));
  }

  private static Row drawn(long id, int classes, long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ (id * 0x9E3779B97F4A7C15L));
    String name = "%016x%016x".formatted(random.nextLong(), random.nextLong());
    int truth = random.nextInt(classes);
    int rival = (truth + 1) % classes;
    double sure = 1 - Math.pow(random.nextDouble(), 3);
    double torn = (1 - sure) * random.nextDouble();
    double[] weights = IntStream.range(0, classes).mapToDouble(k -> random.nextDouble()).toArray();
    double rest = IntStream.range(0, classes).mapToDouble(k -> weights[k]).sum();
    float[] p = new float[classes];
    for (int k = 0; k < classes; k++) {
      p[k] = (float) (weights[k] / rest * (1 - sure - torn));
    }
    p[truth] += (float) sure;
    p[rival] += (float) torn;
    int other = random.nextBoolean() ? rival : random.nextInt(classes);
    int given = random.nextDouble() < WRONG ? other : truth;
    return RowFactory.create(name, given, (given + 1 + random.nextInt(classes - 1)) % classes, p);
  }
}
