package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.label.TrainingDynamics;
import io.recant.core.table.Table;
import io.recant.core.vector.Nearest;
import io.recant.core.vector.Neighbourhood;
import io.recant.jobs.neighbour.NeighbourSearch;
import io.recant.jobs.neighbour.Neighbours;
import io.recant.jobs.neighbour.VectorRow;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.ModelRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import scala.Function1;
import scala.Tuple2;
import scala.reflect.ClassTag;

/**
 * What detectors judge: the samples of one corpus in the judged splits, and its canaries. A canary
 * has the features of its original (probabilities, input vector) with its own false target; its
 * target vector is its donor's, its losses are its own.
 */
public final class Candidates implements AutoCloseable {

  /** The task of a corpus with classes. */
  public static final String CLASSIFICATION = "classification";

  private final StepContext context;
  private final DetectConfig config;
  private final String corpus;
  private final String task;
  private final List<String> classes;
  private final Dataset<Row> judged;
  private final String predictionModel;
  private final Dataset<Row> rows;
  private final List<Runnable> releases = new ArrayList<>();

  /** What was found out or made for one detector and serves the next, by name. */
  private final Map<String, Object> shared = new HashMap<>();

  private Candidates(
      StepContext context,
      DetectConfig config,
      String corpus,
      String task,
      List<String> classes,
      Dataset<Row> judged,
      String predictionModel,
      Dataset<Row> rows) {
    this.context = context;
    this.config = config;
    this.corpus = corpus;
    this.task = task;
    this.classes = classes;
    this.judged = judged;
    this.predictionModel = predictionModel;
    this.rows = rows.persist(StorageLevel.MEMORY_AND_DISK());
    releases.add(this.rows::unpersist);
  }

  /** The candidates of a corpus. */
  static Candidates of(StepContext context, DetectConfig config, String corpus, String task) {
    Dataset<Row> samples =
        of(context, Table.SAMPLES, corpus)
            .where(col("split").isin(config.splits().toArray()))
            .select("corpus", "shard", "sample_id", "task", "input", "target");
    Dataset<Row> all =
        samples
            .withColumn("candidate_id", col("sample_id"))
            .withColumn("canary", lit(false))
            .withColumn("donor_id", lit(null).cast("string"))
            .unionByName(canaries(context, corpus, samples));
    String model = ModelRows.preferredModel(of(context, Table.PREDICTIONS, corpus));
    Dataset<Row> predictions =
        of(context, Table.PREDICTIONS, corpus).where(col("model").equalTo(model));
    Dataset<Row> own =
        of(context, Table.CANARIES, corpus)
            .select(
                col("canary_id").as("candidate_id"),
                col("loss").as("own_loss"),
                col("loss_unprompted").as("own_unprompted"));
    List<String> classes =
        of(context, Table.CLASSES, corpus)
            .orderBy("class_index")
            .select("class_name")
            .as(Encoders.STRING())
            .collectAsList();
    Dataset<Row> joined =
        all.join(
                predictions.select("sample_id", "probabilities", "fold", "loss", "loss_unprompted"),
                all.col("sample_id").equalTo(predictions.col("sample_id")),
                "left")
            .drop(predictions.col("sample_id"))
            .join(own, new String[] {"candidate_id"}, "left")
            .withColumn("loss", ofCanary("own_loss", "loss"))
            .withColumn("loss_unprompted", ofCanary("own_unprompted", "loss_unprompted"))
            .drop("own_loss", "own_unprompted");
    return new Candidates(context, config, corpus, task, classes, samples, model, joined);
  }

  private static Column ofCanary(String own, String original) {
    return org.apache.spark.sql.functions.when(col("canary"), col(own)).otherwise(col(original));
  }

  private static Dataset<Row> canaries(StepContext context, String corpus, Dataset<Row> samples) {
    return of(context, Table.CANARIES, corpus)
        .select(
            col("canary_id").as("candidate_id"),
            col("sample_id"),
            col("target"),
            col("donor_id"),
            lit(true).as("canary"))
        .join(samples.drop("target"), "sample_id");
  }

  private static Dataset<Row> of(StepContext context, Table table, String corpus) {
    return context.read(table).where(col("corpus").equalTo(corpus));
  }

  /**
   * Columns {@code corpus, shard, candidate_id, sample_id, canary, task, input, target, donor_id,
   * probabilities, fold, loss, loss_unprompted}; cached.
   */
  public Dataset<Row> rows() {
    return rows;
  }

  /** The rows with {@code input_vector} and {@code target_vector}; only those that have both. */
  public Dataset<Row> pairs() {
    Dataset<Row> targets =
        vectors("target")
            .select(col("sample_id").as("target_of"), col("vector").as("target_vector"));
    return rows.join(
            vectors("input").select(col("sample_id"), col("vector").as("input_vector")),
            "sample_id")
        .join(
            targets, coalesce(col("donor_id"), col("sample_id")).equalTo(targets.col("target_of")))
        .drop("target_of");
  }

  /** Columns {@code sample_id, input, context, image} of the judged samples, whole. */
  Dataset<Row> inputs() {
    return of(context, Table.SAMPLES, corpus)
        .where(col("split").isin(config.splits().toArray()))
        .select("sample_id", "input", "context", "image");
  }

  /** {@code sample_id, vector} of inputs whose vectors came with the corpus. */
  Dataset<Row> givenVectors() {
    return of(context, Table.EMBEDDINGS, corpus)
        .where(col("field").equalTo("input").and(col("model").equalTo(ModelRows.GIVEN)))
        .select("sample_id", "vector");
  }

  /** Whether somebody knows some of the samples to be bad. */
  boolean hasKnownBad() {
    return shared("has known bad", () -> any(of(context, Table.KNOWN_BAD, corpus)));
  }

  /** The samples, and which of them are known to be bad. */
  ClueRows clueRows() {
    Dataset<Row> known =
        of(context, Table.KNOWN_BAD, corpus)
            .select(col("sample_id"))
            .distinct()
            .withColumn("is_known", lit(true));
    return new ClueRows(
        rows.where("not canary")
            .join(vectors("input"), new String[] {"sample_id"}, "left")
            .join(known, new String[] {"sample_id"}, "left")
            .withColumn("known", coalesce(col("is_known"), lit(false))),
        task.equals(CLASSIFICATION) ? classes : List.of(),
        seed("clue"));
  }

  /** What annotators agree on; no rows where nobody annotated, or nobody asked. */
  Dataset<Row> consensus() {
    return of(context, Table.CONSENSUS, corpus);
  }

  /** {@code sample_id, vector} of the corpus's samples, of one model. */
  private Dataset<Row> vectors(String field) {
    return ModelRows.preferred(
            of(context, Table.EMBEDDINGS, corpus).where(col("field").equalTo(field)))
        .select("sample_id", "vector");
  }

  /** Whether the corpus has probabilities. */
  boolean hasProbabilities() {
    return shared(
        "has probabilities",
        () -> any(of(context, Table.PREDICTIONS, corpus).where("probabilities is not null")));
  }

  /** Whether it is known what training on the corpus's samples did. */
  boolean hasDynamics() {
    return shared(
        "has dynamics",
        () -> any(of(context, Table.PREDICTIONS, corpus).where("epoch_margin is not null")));
  }

  /** Unlike {@code isEmpty}, which asks every file, this stops at the first row. */
  private static boolean any(Dataset<Row> rows) {
    return !rows.takeAsList(1).isEmpty();
  }

  /** The samples that models trained on; canaries never are. */
  JavaRDD<TrainedOn> dynamics() {
    return rows.where("not canary")
        .join(
            of(context, Table.PREDICTIONS, corpus)
                .where("epoch_margin is not null and epoch_probability is not null")
                .select("sample_id", "epoch_probability", "epoch_margin"),
            "sample_id")
        .select("candidate_id", "shard", "target", "epoch_probability", "epoch_margin")
        .toJavaRDD()
        .map(
            row ->
                new TrainedOn(
                    row.getString(0),
                    row.getInt(1),
                    row.getString(2),
                    TrainingDynamics.of(Vectors.of(row, 3), Vectors.of(row, 4))));
  }

  /** Whether the corpus has vectors of a field. */
  boolean hasVectors(String field) {
    return shared(
        "has vectors of " + field,
        () -> any(of(context, Table.EMBEDDINGS, corpus).where(col("field").equalTo(field))));
  }

  /** Candidates with a known class, for label detectors; kept as the settings say. */
  JavaRDD<LabelledRow> labelled() {
    return shared(
        "labelled",
        () ->
            kept(
                LabelledRows.of(
                    judged,
                    of(context, Table.CANARIES, corpus),
                    of(context, Table.PREDICTIONS, corpus),
                    predictionModel,
                    classes,
                    context.shards())));
  }

  private JavaRDD<LabelledRow> kept(JavaRDD<LabelledBlock> blocks) {
    if (config.labelled() == DetectConfig.Kept.FILES) {
      return blocks.flatMap(LabelledBlock::rows);
    }
    ClassTag<byte[]> ofBytes = ClassTag.apply(byte[].class);
    JavaRDD<byte[]> kept =
        blocks
            .rdd()
            .map((Function1<LabelledBlock, byte[]> & Serializable) LabelledBlock::bytes, ofBytes)
            .toJavaRDD()
            .persist(StorageLevel.MEMORY_AND_DISK());
    releases.add(kept::unpersist);
    return kept.flatMap(bytes -> LabelledBlock.of(bytes).rows());
  }

  /**
   * The rows around every sample that has a vector, among the samples: of a corpus with classes,
   * samples of a known class; of others all, with label -1.
   */
  Neighbours neighbourhoods() {
    return shared(
        "neighbours",
        () -> {
          Neighbours found =
              NeighbourSearch.of(
                  vectorRows(), config.neighbours(), seed("neighbours"), this::measure);
          releases.add(found.release());
          return found;
        });
  }

  /** The samples that {@link #neighbourhoods()} is about, with their vectors as they came. */
  JavaRDD<VectorRow> vectorRows() {
    return shared(
        "vector rows",
        () -> {
          Map<String, Integer> index = new HashMap<>();
          classes.forEach(name -> index.put(name, index.size()));
          boolean labelled = task.equals(CLASSIFICATION);
          JavaRDD<VectorRow> vectors =
              rows.where("not canary")
                  .join(vectors("input"), "sample_id")
                  .select(xxhash64(col("sample_id")), col("target"), col("vector"))
                  .toJavaRDD()
                  .filter(row -> !labelled || index.containsKey(row.getString(1)))
                  .map(
                      row ->
                          new VectorRow(
                              row.getLong(0),
                              labelled ? index.get(row.getString(1)) : -1,
                              Vectors.of(row, 2)));
          return vectors;
        });
  }

  /**
   * A sample and the key it is found by.
   *
   * @param id its id
   * @param shard its shard
   */
  record SampleKey(String id, int shard) implements Serializable {}

  /** The samples by the key that neighbours are found by. */
  JavaPairRDD<Long, SampleKey> sampleKeys() {
    return rows.where("not canary")
        .select(xxhash64(col("sample_id")), col("sample_id"), col("shard"))
        .toJavaRDD()
        .mapToPair(
            row -> new Tuple2<>(row.getLong(0), new SampleKey(row.getString(1), row.getInt(2))));
  }

  /** The neighbours of {@link #neighbourhoods()}, near-duplicates aside. */
  JavaPairRDD<Long, Nearest> neighbours() {
    return neighbourhoods().found().mapValues(Neighbourhood::nearest);
  }

  /** A value several detectors need, made once. */
  @SuppressWarnings("unchecked")
  <T> T shared(String name, java.util.function.Supplier<T> made) {
    if (!shared.containsKey(name)) {
      shared.put(name, made.get());
    }
    return (T) shared.get(name);
  }

  /** Something to let go of when the corpus is done. */
  void releaseLater(Runnable release) {
    releases.add(release);
  }

  /** The corpus's name. */
  public String corpus() {
    return corpus;
  }

  /** The corpus's task. */
  public String task() {
    return task;
  }

  /** Class names in the order of probabilities; empty where the corpus has none. */
  public List<String> classes() {
    return classes;
  }

  /** The Spark session. */
  public SparkSession spark() {
    return context.spark();
  }

  /** A seed of its own for a purpose. */
  public long seed(String purpose) {
    return Seeds.derive(context.seed(), "detect/" + corpus + "/" + purpose);
  }

  /** Says something about this corpus where progress is shown. */
  void note(String words) {
    context.progress().note(corpus + ": " + words);
  }

  /** Records a number about this corpus in the manifest. */
  public void measure(String name, double value) {
    context.measure(corpus + "." + name, value);
  }

  @Override
  public void close() {
    releases.forEach(Runnable::run);
  }
}
