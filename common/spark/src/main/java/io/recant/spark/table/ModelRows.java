package io.recant.spark.table;

import static org.apache.spark.sql.functions.col;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Tables to which several models may have written, each its own row for a sample. */
public final class ModelRows {

  /** {@code model} of what came with the corpus. */
  public static final String GIVEN = "given";

  /** {@code model} of what several models say together. */
  public static final String POOLED = "pooled";

  private ModelRows() {}

  /**
   * The model whose rows count: several joined, else what came with the corpus, else the first by
   * name. Collects the names of the models.
   *
   * @param rows of one corpus, with a column {@code model}
   */
  public static String preferredModel(Dataset<Row> rows) {
    List<String> models =
        rows.select("model").distinct().orderBy("model").as(Encoders.STRING()).collectAsList();
    String first = models.isEmpty() ? GIVEN : models.get(0);
    return List.of(POOLED, GIVEN).stream().filter(models::contains).findFirst().orElse(first);
  }

  /** The rows of the {@link #preferredModel}. */
  public static Dataset<Row> preferred(Dataset<Row> rows) {
    return rows.where(col("model").equalTo(preferredModel(rows)));
  }
}
