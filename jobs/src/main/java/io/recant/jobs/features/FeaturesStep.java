package io.recant.jobs.features;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import io.recant.core.table.Table;
import io.recant.ml.model.Modality;
import io.recant.ml.model.ModelFamily;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * What detectors look at: vectors, out-of-sample predictions, training dynamics; and the canaries
 * that test them.
 */
public final class FeaturesStep implements Step<FeaturesConfig> {

  private static final String CLASSIFICATION = "classification";
  private static final String NAME = "^[!-~]*$";

  @Override
  public String name() {
    return "features";
  }

  @Override
  public String summary() {
    return "Embeds the samples, predicts each by models that never saw it, and plants the canaries.";
  }

  @Override
  public Class<FeaturesConfig> settings() {
    return FeaturesConfig.class;
  }

  @Override
  public Set<Table> reads(FeaturesConfig config) {
    return Set.of(Table.SAMPLES, Table.CLASSES, Table.EMBEDDINGS, Table.PREDICTIONS);
  }

  @Override
  public Set<Table> writes(FeaturesConfig config) {
    return Set.of(Table.EMBEDDINGS, Table.PREDICTIONS, Table.CANARIES);
  }

  @Override
  public void check(FeaturesConfig config) {
    Configured<ModelFamily<?>> family = PictureFeatures.family(config.pictures());
    if (family.extension().modality() != Modality.IMAGE) {
      throw new ConfigException(
          "features.pictures.family: " + family.name() + " reads no pictures");
    }
  }

  @Override
  public void run(FeaturesConfig config, StepContext context) {
    Dataset<Row> train = context.read(Table.SAMPLES).where("split = 'train'");
    List<Row> corpora =
        train
            .groupBy("corpus", "task")
            .agg(count("image").as("pictures"))
            .orderBy("corpus")
            .collectAsList();
    Set<String> given =
        new HashSet<>(
            context
                .read(Table.PREDICTIONS)
                .select("corpus")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList());
    try (PictureFeatures pictures =
        PictureFeatures.of(
            context,
            config,
            withPictures(corpora),
            config.ownPredictions() == FeaturesConfig.OwnPredictions.ALWAYS ? Set.of() : given)) {
      Embedding.write(context, config, named(context, config, given), pictures);
      predict(config, context, train, corpora, given, pictures);
    }
  }

  private static List<String> withPictures(List<Row> corpora) {
    return corpora.stream()
        .filter(row -> row.getString(1).equals(CLASSIFICATION) && row.getLong(2) > 0)
        .map(row -> row.getString(0))
        .toList();
  }

  private static void predict(
      FeaturesConfig config,
      StepContext context,
      Dataset<Row> train,
      List<Row> corpora,
      Set<String> given,
      PictureFeatures pictures) {
    List<Dataset<Row>> predictions = new ArrayList<>();
    List<Dataset<Row>> canaries = new ArrayList<>();
    List<Dataset<Row>> kept = new ArrayList<>();
    for (Row row : corpora) {
      String corpus = row.getString(0);
      Dataset<Row> samples = train.where(col("corpus").equalTo(corpus));
      if (row.getString(1).equals(CLASSIFICATION)) {
        classification(
            context, config, corpus, samples, given, pictures, predictions, canaries, kept);
      } else {
        generation(context, config, corpus, samples, predictions, canaries, kept);
      }
    }
    context.write(Table.PREDICTIONS, union(context, predictions, Table.PREDICTIONS));
    context.write(Table.CANARIES, union(context, canaries, Table.CANARIES));
    kept.forEach(Dataset::unpersist);
  }

  private static void classification(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      Dataset<Row> samples,
      Set<String> given,
      PictureFeatures pictures,
      List<Dataset<Row>> predictions,
      List<Dataset<Row>> canaries,
      List<Dataset<Row>> kept) {
    boolean came = given.contains(corpus);
    Dataset<Row> all = context.read(Table.PREDICTIONS).where(col("corpus").equalTo(corpus));
    if (!came || config.ownPredictions() == FeaturesConfig.OwnPredictions.ALWAYS) {
      Dataset<Row> own =
          pictures.corpora().contains(corpus)
              ? pictures.predictions(corpus)
              : ClassPredictions.of(
                  context,
                  config,
                  corpus,
                  samples.join(vectors(context, "input", "vector"), "sample_id"));
      predictions.add(own);
      kept.add(own);
      all = came ? all.unionByName(own) : own;
    }
    List<String> models =
        all.select("model").distinct().orderBy("model").as(Encoders.STRING()).collectAsList();
    if (models.size() > 1) {
      all = PooledPredictions.of(context, corpus, samples, all, models);
      predictions.add(all);
      kept.add(all);
    } else if (came) {
      context
          .progress()
          .note(corpus + ": the probabilities that came with the corpus are used as they are");
    }
    canaries.add(ClassCanaries.draw(context, config, corpus, samples, all, kept));
  }

  /**
   * Corpora whose inputs nobody needs a vector of: they came with probabilities, and most of their
   * inputs are one word of ASCII, a name rather than a text.
   */
  private static Set<String> named(StepContext context, FeaturesConfig config, Set<String> given) {
    if (given.isEmpty()
        || config.embed() == FeaturesConfig.Embed.ALWAYS
        || config.ownPredictions() == FeaturesConfig.OwnPredictions.ALWAYS) {
      return Set.of();
    }
    return Set.copyOf(
        context
            .read(Table.SAMPLES)
            .where(col("corpus").isin(given.toArray()).and(col("task").equalTo(CLASSIFICATION)))
            .groupBy("corpus")
            .agg(avg(when(col("input").rlike(NAME), 1.0).otherwise(0.0)).as("names"))
            .where("names > 0.5")
            .select("corpus")
            .as(Encoders.STRING())
            .collectAsList());
  }

  private static void generation(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      Dataset<Row> samples,
      List<Dataset<Row>> predictions,
      List<Dataset<Row>> canaries,
      List<Dataset<Row>> kept) {
    Dataset<Row> pairs =
        samples
            .select("corpus", "shard", "sample_id", "target")
            .join(vectors(context, "input", "input_vector"), "sample_id")
            .join(vectors(context, "target", "target_vector"), "sample_id")
            .persist(StorageLevel.DISK_ONLY());
    long rows = pairs.count();
    Dataset<Row> drawn =
        PairCanaries.draw(context, config, corpus, pairs, rows).persist(StorageLevel.DISK_ONLY());
    Dataset<Row> losses = TokenLosses.of(context, config, corpus, pairs, drawn, rows);
    predictions.add(
        losses
            .where("not canary")
            .select(
                col("id").as("sample_id"),
                lit(TokenLosses.MODEL).as("model"),
                col("fold"),
                lit(null).cast("array<float>").as("probabilities"),
                col("loss"),
                col("loss_unprompted"),
                col("tokens"),
                lit(null).cast("array<float>").as("epoch_probability"),
                lit(null).cast("array<float>").as("epoch_margin"),
                col("corpus"),
                col("shard")));
    canaries.add(
        drawn
            .drop("input_vector")
            .join(
                losses
                    .where("canary")
                    .select(
                        col("id").as("canary_id"),
                        col("loss"),
                        col("loss_unprompted"),
                        col("tokens")),
                "canary_id"));
    kept.addAll(List.of(pairs, drawn, losses));
  }

  /**
   * The vectors of a field: those that came with the corpus where there are such, else those just
   * made.
   */
  private static Dataset<Row> vectors(StepContext context, String field, String name) {
    return context
        .read(Table.EMBEDDINGS)
        .unionByName(context.readBack(Table.EMBEDDINGS))
        .where(col("field").equalTo(field))
        .select(col("sample_id"), col("vector").as(name));
  }

  private static Dataset<Row> union(StepContext context, List<Dataset<Row>> parts, Table table) {
    Dataset<Row> empty = context.spark().createDataFrame(List.of(), Schemas.of(table));
    return parts.stream().reduce(empty, Dataset::unionByName);
  }
}
