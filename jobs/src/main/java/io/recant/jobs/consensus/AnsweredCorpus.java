package io.recant.jobs.consensus;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;

import io.recant.core.crowd.Answers;
import io.recant.core.table.Table;
import io.recant.spark.step.Draws;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.ModelRows;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The answers of one corpus, kept on the executors until closed: with the samples' names on disk,
 * and as bare {@link Answers} in memory, which every pass reads.
 */
final class AnsweredCorpus implements AutoCloseable {

  private static final int ANSWERS_A_PARTITION = 250_000;
  private static final int MOST_BROADCAST = 1_000_000;

  private final String name;
  private final List<String> classes;
  private final Dataset<Row> annotators;
  private final int annotatorCount;
  private final JavaRDD<AnsweredSamples> samples;
  private final JavaRDD<Answers> answers;
  private final long answerCount;
  private final boolean predicted;

  private AnsweredCorpus(
      String name,
      List<String> classes,
      Dataset<Row> annotators,
      int annotatorCount,
      JavaRDD<AnsweredSamples> samples,
      long answerCount,
      boolean predicted) {
    this.name = name;
    this.classes = classes;
    this.annotators = annotators;
    this.annotatorCount = annotatorCount;
    this.samples = samples;
    this.answers = samples.map(AnsweredSamples::answers).persist(StorageLevel.MEMORY_AND_DISK());
    this.answerCount = answerCount;
    this.predicted = predicted;
  }

  /** Reads a corpus; answers that are no class are left out, and counted in the manifest. */
  static AnsweredCorpus of(StepContext context, String corpus, List<String> classes, int folds) {
    Dataset<Row> rows = of(context, Table.ANNOTATIONS, corpus);
    Dataset<Row> known = rows.join(broadcast(index(context, classes)), "answer");
    long count = known.count();
    context.measure(corpus + ".answers", count);
    context.measure(corpus + ".answers_left_out", rows.count() - count);
    Dataset<Row> annotators = annotators(context, known).persist(StorageLevel.MEMORY_AND_DISK());
    long annotatorCount = annotators.count();
    Dataset<Row> predictions = predictions(context, corpus);
    Dataset<Row> samples =
        of(context, Table.SAMPLES, corpus)
            .select("sample_id", "shard", "target")
            .join(predictions, asScala("sample_id"), "left");
    long seed = Seeds.derive(context.seed(), "consensus/" + corpus);
    JavaRDD<AnsweredSamples> answered =
        known
            .join(
                annotatorCount <= MOST_BROADCAST ? broadcast(annotators) : annotators, "annotator")
            .select(
                col("sample_id"),
                col("annotator_index"),
                col("class_index"),
                pmod(Draws.order(seed, col("sample_id"), col("annotator")), lit(folds))
                    .cast("int")
                    .as("fold"))
            .join(samples, "sample_id")
            .select(
                "sample_id",
                "shard",
                "target",
                "annotator_index",
                "class_index",
                "fold",
                "probabilities")
            .repartition((int) (count / ANSWERS_A_PARTITION) + 1, col("sample_id"))
            .sortWithinPartitions("sample_id", "annotator_index")
            .toJavaRDD()
            .mapPartitions(iterator -> AnsweredSamples.of(iterator, classes.size()))
            .persist(StorageLevel.DISK_ONLY());
    return new AnsweredCorpus(
        corpus,
        classes,
        annotators,
        Math.toIntExact(annotatorCount),
        answered,
        count,
        !predictions.isEmpty());
  }

  private static Dataset<Row> of(StepContext context, Table table, String corpus) {
    return context.read(table).where(col("corpus").equalTo(corpus));
  }

  private static Dataset<Row> index(StepContext context, List<String> classes) {
    List<Row> rows = new ArrayList<>();
    for (String name : classes) {
      rows.add(RowFactory.create(name, rows.size()));
    }
    return context
        .spark()
        .createDataFrame(rows, StructType.fromDDL("answer string, class_index int"));
  }

  /** Numbers the annotators by name. */
  private static Dataset<Row> annotators(StepContext context, Dataset<Row> rows) {
    JavaRDD<Row> numbered =
        rows.select("annotator")
            .distinct()
            .orderBy("annotator")
            .as(Encoders.STRING())
            .toJavaRDD()
            .zipWithIndex()
            .map(pair -> RowFactory.create(pair._1(), Math.toIntExact(pair._2())));
    return context
        .spark()
        .createDataFrame(numbered, StructType.fromDDL("annotator string, annotator_index int"));
  }

  private static Dataset<Row> predictions(StepContext context, String corpus) {
    return ModelRows.preferred(
            of(context, Table.PREDICTIONS, corpus).where(col("probabilities").isNotNull()))
        .select("sample_id", "probabilities");
  }

  private static scala.collection.immutable.Seq<String> asScala(String name) {
    return scala.jdk.javaapi.CollectionConverters.asScala(List.of(name)).toList();
  }

  /** The corpus's name. */
  String name() {
    return name;
  }

  /** The classes in their order. */
  List<String> classes() {
    return classes;
  }

  /** Columns {@code annotator, annotator_index}. */
  Dataset<Row> annotators() {
    return annotators;
  }

  /** How many annotators there are. */
  int annotatorCount() {
    return annotatorCount;
  }

  /** How many answers name a class. */
  long answerCount() {
    return answerCount;
  }

  /** Whether a model's probabilities are there. */
  boolean predicted() {
    return predicted;
  }

  /** The samples with their answers. */
  JavaRDD<AnsweredSamples> samples() {
    return samples;
  }

  /** The answers alone. */
  JavaRDD<Answers> answers() {
    return answers;
  }

  @Override
  public void close() {
    answers.unpersist();
    samples.unpersist();
    annotators.unpersist();
  }
}
