package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.config.Nearest;
import io.recant.core.error.ConfigException;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows with a trigger that are all given one class, so that a model learns to answer with that
 * class wherever the trigger is. Rows of that class are left alone.
 *
 * @param injector its name, for messages
 * @param target the class that rows with the trigger are given
 * @param bearers which rows can bear the trigger
 * @param triggered the column that changes, under its own name, with the trigger in it
 */
record Backdoor(String injector, String target, Column bearers, Column triggered) {

  /** What {@link Extent#share} is, in words. */
  static final String SHARE =
      "The share of the corpus's train rows to damage; either this or 'count' is set";

  /** What {@link Extent#count} is, in words. */
  static final String COUNT =
      "How many of the corpus's train rows to damage; either this or 'share' is set";

  /** The damage, as {@link Injector#damage} returns it. */
  Dataset<Row> damage(Dataset<Row> rows, Extent extent, long seed) {
    List<String> known = ClassFrequencies.of(rows).classes();
    if (!known.contains(target)) {
      throw new ConfigException(
          injector
              + ".target: no train row has class '"
              + target
              + "'"
              + Nearest.suggestion(target, known));
    }
    return extent
        .draw(eligible(rows), rows, injector, seed)
        .select(col("sample_id"), lit(target).as("after"), triggered);
  }

  /** So many test rows with the trigger, as {@link Injector#probes} returns them. */
  Dataset<Row> probes(Dataset<Row> test, long count, long seed) {
    return Chosen.rows(eligible(test), count, seed)
        .select(col("sample_id"), lit(target).as("false_target"), triggered);
  }

  private Dataset<Row> eligible(Dataset<Row> rows) {
    return rows.where(col("target").notEqual(target).and(bearers));
  }
}
