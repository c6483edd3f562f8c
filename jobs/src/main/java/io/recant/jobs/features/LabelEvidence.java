package io.recant.jobs.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.label.NoiseTransition;
import io.recant.jobs.noise.GivenLabel;
import io.recant.jobs.noise.TransitionEstimate;
import io.recant.ml.head.Evidence;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * What out-of-fold heads say about the labels of rows, for the heads of the next round: column
 * {@code evidence} ({@link Evidence}). How probable it is that a label is wrong is said by the
 * {@link NoiseTransition} of the corpus: a model that often misses says little against a label.
 */
final class LabelEvidence {

  private LabelEvidence() {}

  /** Nothing is known yet. */
  static Dataset<Row> none(Dataset<Row> labelled) {
    return labelled.withColumn("evidence", lit(null).cast("array<float>"));
  }

  /**
   * What is known after a round.
   *
   * @param labelled {@code id}, {@code ids} (the class alone) and more; read several times
   * @param known predictions of a round, {@code sample_id} and {@code probabilities}; read several
   *     times
   * @return the labelled rows with predictions, and their evidence
   */
  static Dataset<Row> of(Dataset<Row> labelled, Dataset<Row> known, int classes) {
    Dataset<Row> predicted =
        labelled.join(known.select(col("sample_id").as("id"), col("probabilities")), "id");
    NoiseTransition transition = transition(predicted, classes);
    var evidence =
        udf(
            (UDF3<String, scala.collection.Seq<Integer>, scala.collection.Seq<Float>, float[]>)
                (id, ids, p) -> {
                  GivenLabel label = GivenLabel.of(id, ids.head(), Vectors.of(p));
                  return Evidence.of(
                      label.p(),
                      label.given(),
                      transition.wrong(transition.truth(label.p()), label.given()));
                },
            DataTypes.createArrayType(DataTypes.FloatType, false));
    return predicted
        .withColumn("evidence", evidence.apply(col("id"), col("ids"), col("probabilities")))
        .drop("probabilities");
  }

  private static NoiseTransition transition(Dataset<Row> predicted, int classes) {
    // Kept as columns: a corpus of objects that spills takes the heap with it.
    Dataset<Row> narrow =
        predicted.select("id", "ids", "probabilities").persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<GivenLabel> labels =
        narrow
            .toJavaRDD()
            .map(
                row ->
                    GivenLabel.of(
                        row.getString(0),
                        (Integer) row.<Integer>getList(1).get(0),
                        Vectors.of(row, "probabilities")));
    double[] shares = TransitionEstimate.shares(labels.map(GivenLabel::given), classes);
    NoiseTransition transition = TransitionEstimate.of(labels, shares).transition();
    narrow.unpersist();
    return transition;
  }
}
