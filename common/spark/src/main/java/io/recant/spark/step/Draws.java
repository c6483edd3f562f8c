package io.recant.spark.step;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Draws that belong to a row and not to a partition: a hash of the seed and of the row's own values
 * stands for the random number, so that the same row draws the same however the rows are spread.
 */
public final class Draws {

  private static final double UNIT = 0x1.0p-53;
  private static final int BUCKET_SHIFT = 47;

  private Draws() {}

  /** A number in [0, 1) per row, uniform over different values of {@code keys}. */
  public static Column uniform(long seed, Column... keys) {
    return shiftrightunsigned(order(seed, keys), 11).cast("double").multiply(UNIT);
  }

  /** A 64-bit number per row; rows ordered by it are in random order. */
  public static Column order(long seed, Column... keys) {
    return xxhash64(
        Stream.concat(Stream.of(lit(seed)), Arrays.stream(keys)).toArray(Column[]::new));
  }

  /**
   * A condition that holds for exactly {@code wanted} of the rows (all, where there are fewer):
   * those that come first in random order. Two passes over the rows, of which the driver sees
   * counts only; nothing is sorted but one part in 65,536.
   *
   * @param key a column that names a row
   */
  public static Column first(Dataset<Row> rows, long wanted, long seed, String key) {
    Column order = shiftrightunsigned(order(seed, lit("first"), col(key)), 1);
    Column bucket = shiftright(order, BUCKET_SHIFT).cast("int");
    Map<Integer, Long> counts = new TreeMap<>();
    rows.groupBy(bucket)
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
    long left = wanted;
    for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
      if (left < entry.getValue()) {
        Column before = bucket.lt(entry.getKey());
        return left == 0 ? before : before.or(upTo(rows, bucket, entry.getKey(), left, order, key));
      }
      left -= entry.getValue();
    }
    return lit(true);
  }

  /** The first {@code wanted} rows of one bucket. */
  private static Column upTo(
      Dataset<Row> rows, Column bucket, int at, long wanted, Column order, String key) {
    Row last =
        rows.where(bucket.equalTo(at))
            .select(order.as("order"), col(key).as("key"))
            .orderBy("order", "key")
            .limit(Math.toIntExact(wanted))
            .orderBy(col("order").desc(), col("key").desc())
            .head();
    Column sameOrder = order.equalTo(last.getLong(0)).and(col(key).leq(last.get(1)));
    return order.lt(last.getLong(0)).or(sameOrder).and(bucket.equalTo(at));
  }
}
