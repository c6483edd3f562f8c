package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.spark.step.Draws;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which rows an injector damages, and the numbers it draws for them. */
final class Chosen {

  private Chosen() {}

  /** Exactly that share of the rows, rounded. */
  static Dataset<Row> from(Dataset<Row> rows, double share, long seed) {
    return rows(rows, Math.round(share * rows.count()), seed);
  }

  /** Exactly so many of the rows, or all where there are fewer. */
  static Dataset<Row> rows(Dataset<Row> rows, long wanted, long seed) {
    return rows.where(Draws.first(rows, wanted, seed, "sample_id"));
  }

  /** A number in [0, 1) per row, another one for another purpose. */
  static Column draw(long seed, String purpose) {
    return Draws.uniform(seed, lit(purpose), col("sample_id"));
  }
}
