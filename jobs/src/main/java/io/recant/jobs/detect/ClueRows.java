package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.clue.ClueFeatures;
import io.recant.core.clue.ClueModel;
import io.recant.core.clue.ClueRow;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The judged samples of a corpus as the search for more of the known bad ones sees them. */
final class ClueRows {

  /** Of a text, so many characters are looked at for words. */
  private static final int MOST_CHARACTERS = 2000;

  private final Dataset<Row> rows;
  private final Reading reading;
  private final long seed;

  /**
   * A sample.
   *
   * @param id its id
   * @param shard its shard
   * @param clue what it is judged by
   */
  record Named(String id, int shard, ClueRow clue) implements Serializable {}

  private record Reading(Map<String, Integer> classes) implements Serializable {

    Named of(Row row) {
      int given = classes.getOrDefault(row.getString(3), -1);
      float[] p = row.isNullAt(5) ? new float[0] : Vectors.of(row, 5);
      float[] vector = row.isNullAt(6) ? new float[0] : Vectors.of(row, 6);
      // A class is judged by probabilities; an answer is a text like the input.
      String text =
          classes.isEmpty() ? row.getString(4) + " " + row.getString(3) : row.getString(4);
      return new Named(
          row.getString(0),
          row.getInt(1),
          new ClueRow(
              row.getBoolean(7),
              row.getInt(2),
              given,
              p,
              vector,
              ClueFeatures.words(text, MOST_CHARACTERS)));
    }
  }

  /**
   * @param samples {@code candidate_id, shard, target, input, probabilities, vector, known}
   * @param classes in the order of probabilities
   * @param seed of the choice of rows that are learned from
   */
  ClueRows(Dataset<Row> samples, List<String> classes, long seed) {
    Map<String, Integer> index = new HashMap<>();
    classes.forEach(name -> index.put(name, index.size()));
    reading = new Reading(index);
    this.seed = seed;
    rows =
        samples.select(
            col("candidate_id"),
            col("shard"),
            pmod(xxhash64(lit("clue"), col("candidate_id")), lit(ClueModel.FOLDS)).cast("int"),
            col("target"),
            col("input"),
            col("probabilities"),
            col("vector"),
            col("known"));
  }

  /** All rows. */
  JavaRDD<Named> all() {
    Reading read = reading;
    return rows.toJavaRDD().map(read::of);
  }

  /** At most so many of the known rows, or of the others; the same however rows are stored. */
  List<ClueRow> drawn(boolean known, int most) {
    return rows
        .where(col("known").equalTo(known))
        .orderBy(xxhash64(lit(seed), col("candidate_id")), col("candidate_id"))
        .limit(most)
        .collectAsList()
        .stream()
        .map(row -> reading.of(row).clue())
        .toList();
  }
}
