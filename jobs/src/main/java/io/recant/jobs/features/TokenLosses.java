package io.recant.jobs.features;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.recant.jobs.cells.SettingsText;
import io.recant.spark.progress.Progress;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * Out-of-fold token losses of a generation corpus, with and without the prompt. The model is the
 * smallest that can be defended at any corpus size: a head that predicts the bag of a target's
 * words from its prompt's vector; without the prompt, the words' frequencies in the learning folds.
 */
final class TokenLosses {

  /** The name these predictions have in table {@code predictions}. */
  static final String MODEL = "bag-head";

  /** A second draw of the folds moves these losses less than a word of the target does. */
  private static final int REPEATS = 1;

  private TokenLosses() {}

  /**
   * Losses of samples and canaries.
   *
   * @param pairs {@code corpus, shard, sample_id, target, input_vector}
   * @param canaries as {@link PairCanaries#draw} gives them
   * @return {@code id, canary, corpus, shard, fold, loss, loss_unprompted, tokens}, kept until
   *     unpersisted
   */
  static Dataset<Row> of(
      StepContext context,
      FeaturesConfig config,
      String corpus,
      Dataset<Row> pairs,
      Dataset<Row> canaries,
      long rows) {
    var tokens =
        udf(
            (UDF1<String, java.util.List<Integer>>) TokenBuckets::of,
            DataTypes.createArrayType(DataTypes.IntegerType, false));
    Dataset<Row> all =
        pairs
            .select(
                col("sample_id").as("id"),
                col("sample_id").as("fold_key"),
                lit(false).as("canary"),
                col("corpus"),
                col("shard"),
                tokens.apply(col("target")).as("ids"),
                col("input_vector").as("vector"))
            .unionByName(
                canaries.select(
                    col("canary_id").as("id"),
                    col("sample_id").as("fold_key"),
                    lit(true).as("canary"),
                    col("corpus"),
                    col("shard"),
                    tokens.apply(col("target")).as("ids"),
                    col("input_vector").as("vector")))
            .withColumn("evidence", lit(null).cast("array<float>"));
    long seed = Seeds.derive(context.seed(), "features/heads/" + corpus);
    try (Progress.Task progress =
        context.progress().begin("out-of-fold losses of " + corpus, -1, "predictions")) {
      MapPartitionsFunction<Row, Row> heads =
          new HeadFold(
              SettingsText.write(config.head()),
              TokenBuckets.BUCKETS,
              true,
              seed,
              progress.counter());
      Dataset<Row> losses =
          HeadRows.deal(
                  all, REPEATS, config.folds(), (double) config.maxTrainingRows() / rows, seed)
              .mapPartitions(heads, Encoders.row(HeadFold.schema()))
              .groupBy("id", "canary", "corpus", "shard")
              .agg(
                  org.apache
                      .spark
                      .sql
                      .functions
                      .max(when(col("repeat").equalTo(0), col("fold")))
                      .as("fold"),
                  avg("loss").as("loss"),
                  avg("loss_unprompted").as("loss_unprompted"),
                  first("tokens").as("tokens"))
              .persist(StorageLevel.MEMORY_AND_DISK());
      losses.count();
      return losses;
    }
  }
}
