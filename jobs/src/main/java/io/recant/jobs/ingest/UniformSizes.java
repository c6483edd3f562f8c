package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import io.recant.jobs.ingest.IngestConfig.Corpus;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Vectors of one corpus have one length: of probabilities the number of classes where they are
 * listed, else the length most rows have (of equally many the shorter).
 */
final class VectorLengths {

  private VectorLengths() {}

  /** Rejects the rows with another length. Reads the rows once to find a length nobody stated. */
  static Dataset<Row> enforce(Dataset<Row> parsed, Corpus corpus) {
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
    return rows;
  }

  private static Dataset<Row> enforce(
      Dataset<Row> rows, String name, Column column, Optional<Integer> stated, String code) {
    Optional<Integer> length = stated.or(() -> mostFrequent(rows, column));
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

  private static Optional<Integer> mostFrequent(Dataset<Row> rows, Column column) {
    return rows
        .where(col("code").isNull())
        .groupBy(size(column).as("length"))
        .count()
        .orderBy(col("count").desc(), col("length").asc())
        .limit(1)
        .collectAsList()
        .stream()
        .map(row -> row.getInt(0))
        .findFirst();
  }
}
