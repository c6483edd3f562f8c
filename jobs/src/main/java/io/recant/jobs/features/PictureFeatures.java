package io.recant.jobs.features;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.recant.core.error.InputException;
import io.recant.core.registry.Configured;
import io.recant.core.table.Table;
import io.recant.jobs.cells.Fold;
import io.recant.jobs.cells.ModelCell;
import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.SettingsText;
import io.recant.jobs.cells.StoredPicture;
import io.recant.jobs.cells.TrainingCell;
import io.recant.ml.data.ImageShape;
import io.recant.ml.model.ModelFamily;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.progress.Progress;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What detectors look at in corpora of pictures: each sample's class probabilities by a model that
 * did not train on it, one model a fold, and its vector, which is what a model of all train rows
 * has before its head. That one has seen the labels, wrong ones included, as the model that is to
 * unlearn has: triggers and confused classes show in it (Chen et al., Detecting Backdoor Attacks on
 * Deep Neural Networks by Activation Clustering, 2018).
 *
 * <p>The models stay in the run. What they say is kept on the executors until this is closed.
 */
final class PictureFeatures implements AutoCloseable {

  /** The fold of the model that nothing was held out of. */
  static final int NO_FOLD = -1;

  /** Pictures of one task. */
  private static final long ROWS_PER_TASK = 2000;

  private final StepContext context;
  private final FeaturesConfig.PictureModel config;
  private final Map<String, Integer> folds;
  private final Dataset<Row> read;

  private PictureFeatures(
      StepContext context,
      FeaturesConfig.PictureModel config,
      Map<String, Integer> folds,
      Dataset<Row> read) {
    this.context = context;
    this.config = config;
    this.folds = folds;
    this.read = read;
  }

  /**
   * Trains the models and asks them.
   *
   * @param corpora the classification corpora with pictures
   * @param predicted those of them whose probabilities are known already
   * @throws InputException when a sample of theirs has no picture
   */
  static PictureFeatures of(
      StepContext context, FeaturesConfig config, List<String> corpora, Set<String> predicted) {
    Map<String, Integer> folds = new TreeMap<>();
    corpora.forEach(corpus -> folds.put(corpus, predicted.contains(corpus) ? 0 : config.folds()));
    return new PictureFeatures(
        context,
        config.pictures(),
        folds,
        corpora.isEmpty() ? null : read(context, config.pictures(), folds));
  }

  /** The corpora it is about. */
  Set<String> corpora() {
    return folds.keySet();
  }

  /** Rows of table {@code embeddings}, vectors of unit length. */
  Dataset<Row> embeddings() {
    return read.select(
        col("id").as("sample_id"),
        lit(config.family().name()).as("model"),
        lit("input").as("field"),
        col("vector"),
        col("corpus"),
        col("shard"));
  }

  /** Rows of table {@code predictions} of one corpus, kept until the caller unpersists them. */
  Dataset<Row> predictions(String corpus) {
    Dataset<Row> raw =
        read.where(col("corpus").equalTo(corpus).and(col("log_probabilities").isNotNull()));
    return ClassPredictions.scaled(context, corpus, 0, raw, 1, config.family().name());
  }

  @Override
  public void close() {
    if (read != null) {
      read.unpersist();
    }
  }

  private static Dataset<Row> read(
      StepContext context, FeaturesConfig.PictureModel config, Map<String, Integer> folds) {
    List<Cell<TrainingCell.Spec>> cells = new ArrayList<>();
    folds.forEach((corpus, of) -> cells.addAll(cells(context, config, corpus, of)));
    List<ModelCell.Result> models =
        Grid.run(
            context,
            "models of pictures",
            cells,
            config.device(),
            ModelCell.Result.class,
            new TrainingCell(config.cells()));
    for (ModelCell.Result model : models) {
      context.artifact(new Path(context.runDirectory().path(), model.uri()));
    }
    return asked(context, config, folds);
  }

  private static List<Cell<TrainingCell.Spec>> cells(
      StepContext context, FeaturesConfig.PictureModel config, String corpus, int folds) {
    ImageShape shape = shape(context, corpus);
    Configured<ModelFamily<?>> family = family(config);
    List<String> classes =
        index(context)
            .where(col("corpus").equalTo(corpus))
            .orderBy("class_index")
            .select("target")
            .as(Encoders.STRING())
            .collectAsList();
    List<String> files = ParquetExamples.ofCorpus(context.files(Table.SAMPLES), corpus);
    List<Cell<TrainingCell.Spec>> cells = new ArrayList<>();
    for (int fold = NO_FOLD; fold < folds; fold++) {
      long seed = Seeds.derive(context.seed(), "features/pictures/" + corpus + "/" + fold);
      TrainingCell.Spec spec =
          new TrainingCell.Spec(
              "features.pictures",
              corpus,
              fold == NO_FOLD ? "all" : "fold " + fold,
              seed,
              corpus,
              family.name(),
              SettingsText.write(family.settings()),
              SettingsText.write(config.training()),
              classes,
              0,
              shape,
              files,
              List.of(),
              fold == NO_FOLD ? null : new Fold(fold, folds, foldSeed(context, corpus)),
              new TreeSet<>(Set.of("train")),
              null,
              null,
              false,
              context.runDirectory().path().toString(),
              uri(corpus, fold),
              config.device());
      cells.add(new Cell<>(corpus + "." + (fold == NO_FOLD ? "all" : fold), files.size(), spec));
    }
    return cells;
  }

  private static long foldSeed(StepContext context, String corpus) {
    return Seeds.derive(context.seed(), "features/pictures/folds/" + corpus);
  }

  /** Where a model is kept, relative to the run. */
  static String uri(String corpus, int fold) {
    return "features/corpus=" + corpus + "/fold=" + (fold == NO_FOLD ? "none" : fold);
  }

  static Configured<ModelFamily<?>> family(FeaturesConfig.PictureModel config) {
    return ModelFamilies.load().configure(config.family(), "features.pictures.family");
  }

  private static Dataset<Row> index(StepContext context) {
    return context
        .read(Table.CLASSES)
        .select(col("corpus"), col("class_name").as("target"), col("class_index"));
  }

  private static ImageShape shape(StepContext context, String corpus) {
    Dataset<Row> samples =
        context.read(Table.SAMPLES).where(col("corpus").equalTo(corpus)).select("image");
    long without = samples.where("image is null").count();
    if (without > 0) {
      throw new InputException(
          "corpus "
              + corpus
              + " has pictures, but "
              + without
              + " of its samples have none; make two corpora of it, so that each is judged by models"
              + " that can read it");
    }
    return StoredPicture.decode(samples.limit(1).as(Encoders.BINARY()).head()).shape();
  }

  /** One pass over the pictures of all the corpora. */
  private static Dataset<Row> asked(
      StepContext context, FeaturesConfig.PictureModel config, Map<String, Integer> folds) {
    Column fold = lit(NO_FOLD);
    for (Map.Entry<String, Integer> corpus : folds.entrySet()) {
      int of = corpus.getValue();
      if (of > 0) {
        long seed = foldSeed(context, corpus.getKey());
        Column own =
            udf((UDF1<String, Integer>) id -> Fold.numberOf(id, of, seed), DataTypes.IntegerType)
                .apply(col("sample_id"));
        fold =
            when(col("corpus").equalTo(corpus.getKey()).and(col("split").equalTo("train")), own)
                .otherwise(fold);
      }
    }
    Dataset<Row> samples =
        context.read(Table.SAMPLES).where(col("corpus").isin(folds.keySet().toArray()));
    long rows = samples.count();
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    int tasks = (int) Math.max(1, Math.min(100_000, rows / ROWS_PER_TASK));
    try (Progress.Task progress = context.progress().begin("asking models", rows, "pictures")) {
      Dataset<Row> asked =
          samples
              .withColumn("fold", fold)
              .join(broadcast(index(context)), by("corpus", "target"), "left")
              .select(
                  col("sample_id").as("id"),
                  col("corpus"),
                  col("shard"),
                  col("fold"),
                  array(col("class_index")).as("ids"),
                  col("image"))
              .repartition(tasks, col("corpus"), col("fold"), col("shard"))
              .sortWithinPartitions("corpus", "fold", "id")
              .mapPartitions(
                  new PictureReading(
                      config.family().name(),
                      context.runDirectory().path().toString(),
                      spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())),
                      progress.counter()),
                  Encoders.row(PictureReading.schema()))
              .persist(StorageLevel.MEMORY_AND_DISK());
      asked.count();
      return asked;
    }
  }

  private static scala.collection.immutable.Seq<String> by(String... names) {
    return scala.jdk.javaapi.CollectionConverters.asScala(List.of(names)).toList();
  }
}
