package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;

/**
 * Draws another class for a row from weights that depend on its own.
 *
 * @param names the classes
 * @param weights [own][other], at least 0, the diagonal 0; a class whose weights are all 0 keeps
 *     its rows as they are
 */
record ClassDraw(List<String> names, double[][] weights) {

  static ClassDraw of(List<String> names, double[][] weights) {
    return new ClassDraw(names, weights);
  }

  /** {@code sample_id, after}. */
  Dataset<Row> apply(Dataset<Row> rows, long seed) {
    Map<String, Integer> index = new HashMap<>();
    names.forEach(name -> index.put(name, index.size()));
    String[] byIndex = names.toArray(String[]::new);
    double[][] table = weights;
    UDF2<String, Double, String> other =
        (own, draw) -> {
          double[] row = table[index.get(own)];
          double at = draw * Arrays.stream(row).sum();
          String drawn = null;
          for (int k = 0; k < row.length && at >= 0; k++) {
            if (row[k] > 0) {
              drawn = byIndex[k];
              at -= row[k];
            }
          }
          return drawn;
        };
    return rows.select(
            col("sample_id"),
            udf(other, DataTypes.StringType)
                .apply(col("target"), Draws.uniform(seed, "class"))
                .as("after"))
        .where("after is not null");
  }
}
