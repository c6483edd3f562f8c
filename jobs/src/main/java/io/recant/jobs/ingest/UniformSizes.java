package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import io.recant.jobs.ingest.IngestConfig.Corpus;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Vectors of one corpus have one length, and its pictures one size: of probabilities the number of
 * classes where they are listed, else what most rows have (of equally many the lesser).
 */
final class UniformSizes {

  private UniformSizes() {}

  /**
   * Rejects the rows with another length or size. Reads the rows once to find one nobody stated.
   *
   * @param pictures whether rows may have pictures of any size
   */
  static Dataset<Row> enforce(Dataset<Row> parsed, Corpus corpus, boolean pictures) {
    Dataset<Row> rows = parsed;
    Optional<Integer> stated =
        corpus.classes().isEmpty() ? Optional.empty() : Optional.of(corpus.classes().size());
    if (corpus.columns().probabilities().isPresent()) {
      rows =
          enforce(
              rows, "probabilities", col("probabilities"), stated, Rejection.WRONG_PROBABILITIES);
    }
    int model = 0;
    for (String name : corpus.columns().models().keySet()) {
      Column own = col("model_probabilities").getItem(model++);
      rows = enforce(rows, "models." + name, own, stated, Rejection.WRONG_PROBABILITIES);
    }
    if (corpus.columns().embedding().isPresent()) {
      rows =
          enforce(rows, "embedding", col("embedding"), Optional.empty(), Rejection.WRONG_EMBEDDING);
    }
    return pictures ? enforcePictures(rows) : rows;
  }

  private static Dataset<Row> enforcePictures(Dataset<Row> rows) {
    Optional<String> usual = mostFrequent(rows, col("image_shape"), Encoders.STRING());
    if (usual.isEmpty()) {
      return rows;
    }
    return Identity.reject(
        rows,
        col("image_shape").notEqual(usual.get()),
        Rejection.WRONG_IMAGE,
        concat(
            lit("the picture has "),
            col("image_shape"),
            lit("; most pictures of this corpus have " + usual.get())));
  }

  private static Dataset<Row> enforce(
      Dataset<Row> rows, String name, Column column, Optional<Integer> stated, String code) {
    Optional<Integer> length = stated.or(() -> mostFrequent(rows, size(column), Encoders.INT()));
    if (length.isEmpty()) {
      return rows;
    }
    Column found = size(column);
    return Identity.reject(
        rows,
        found.notEqual(length.get()),
        code,
        concat(
            lit("'" + name + "' has length "),
            found.cast("string"),
            lit("; in this corpus it is " + length.get())));
  }

  private static <T> Optional<T> mostFrequent(Dataset<Row> rows, Column value, Encoder<T> type) {
    return rows
        .where(col("code").isNull().and(value.isNotNull()))
        .groupBy(value.as("value"))
        .count()
        .orderBy(col("count").desc(), col("value").asc())
        .limit(1)
        .select("value")
        .as(type)
        .collectAsList()
        .stream()
        .findFirst();
  }
}
