package io.recant.jobs.features;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.spark.step.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Deals rows to the tasks that train heads: one task per repeat and fold gets the rows of the other
 * folds to learn from, then its own to predict. A canary is in the fold of its original and is only
 * predicted.
 */
final class HeadRows {

  /** What a task does with a row. */
  static final int LEARN = 0;

  static final int PREDICT = 1;

  private HeadRows() {}

  /**
   * One row per task and role.
   *
   * @param rows {@code id, fold_key, canary, corpus, shard, ids array<int>, vector, evidence
   *     array<float>}, the last null where nothing is known of a row's label yet
   * @param share the share of rows a head learns from
   * @return the same with {@code task, repeat, fold, role}, one partition a task, learning rows
   *     first, in a fixed order
   */
  static Dataset<Row> deal(Dataset<Row> rows, int repeats, int folds, double share, long seed) {
    List<Column> roles = new ArrayList<>();
    for (int repeat = 0; repeat < repeats; repeat++) {
      Column own = fold(repeat, folds, seed);
      for (int fold = 0; fold < folds; fold++) {
        Column held = own.equalTo(fold);
        Column learns = col("canary").equalTo(false).and(drawn(share, seed));
        roles.add(
            when(
                held.or(learns),
                struct(
                    lit(repeat * folds + fold).as("task"),
                    lit(repeat).as("repeat"),
                    lit(fold).as("fold"),
                    when(held, PREDICT).otherwise(LEARN).as("role"),
                    own.equalTo((fold + 1) % folds).and(lit(repeat == 0)).as("observed"))));
      }
    }
    int tasks = repeats * folds;
    return rows.select(col("*"), explode(array(roles.toArray(Column[]::new))).as("dealt"))
        .where("dealt is not null")
        .select(
            col("dealt.*"),
            expr("id"),
            expr("canary"),
            expr("corpus"),
            expr("shard"),
            expr("ids"),
            expr("vector"),
            expr("evidence"))
        .repartitionById(tasks, col("task"))
        .sortWithinPartitions(col("task"), col("role"), xxhash64(col("id"), lit(seed)), col("id"));
  }

  private static Column fold(int repeat, int folds, long seed) {
    return pmod(
            xxhash64(col("fold_key"), lit(Seeds.derive(seed, "fold/" + repeat))), lit((long) folds))
        .cast("int");
  }

  private static Column drawn(double share, long seed) {
    return share >= 1
        ? lit(true)
        : pmod(xxhash64(col("fold_key"), lit(Seeds.derive(seed, "learn"))), lit(1_000_000L))
            .lt(share * 1_000_000);
  }
}
