package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Draws that depend on a row's id and the seed alone. */
final class Draws {

  private static final double RANGE = 1L << 53;

  private Draws() {}

  /** A number in [0, 1) for each row; another purpose gives an independent one. */
  static Column uniform(long seed, String purpose) {
    return shiftrightunsigned(xxhash64(col("sample_id"), lit(seed), lit(purpose)), 11)
        .cast("double")
        .divide(RANGE);
  }

  /** The rows with the smallest draws: exactly that share of them, rounded. */
  static Dataset<Row> share(Dataset<Row> rows, double share, long seed) {
    long wanted = Math.round(share * rows.count());
    return rows.orderBy(uniform(seed, "share"), col("sample_id")).limit((int) wanted);
  }

  /** How often each target occurs, in the order of the targets. */
  static List<Row> targets(Dataset<Row> rows) {
    return rows.groupBy("target").count().orderBy("target").collectAsList();
  }
}
