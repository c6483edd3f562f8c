package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.when;

import io.recant.core.config.Setting;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * What a CSV file says about pictures. Its columns become columns of theirs; which of them is the
 * target the corpus's {@code columns} say.
 */
public record PictureLabels(
    @Setting("The CSV file, its columns named in the first line") String path,
    @Setting(
            "The column that names a picture by its id; its ending, and zeros before its number,"
                + " may be left out")
        String id) {

  private static final String FOUND = "picture_key";
  private static final String NAMED = "label_key";
  private static final String LABELS = "label_";

  public PictureLabels {
    if (!id.matches("[A-Za-z0-9_ .-]+")) {
      throw new IllegalArgumentException("id: '" + id + "' is not the name of a column");
    }
  }

  /**
   * The pictures with the columns of their labels. A picture without a label has none of them; a
   * label without a picture is a row of its own, rejected for that.
   *
   * @param pictures rows with the columns of {@link RawRow#SCHEMA}
   */
  Dataset<Row> join(Dataset<Row> pictures, SourceContext context) {
    Dataset<Row> labels =
        new CsvSource().read(new CsvSource.Settings(path, ",", List.of()), context);
    Column[] prefixed =
        Arrays.stream(labels.columns())
            .map(name -> col(name).as(LABELS + name))
            .toArray(Column[]::new);
    Dataset<Row> named =
        labels.select(prefixed).withColumn(NAMED, shortened(LABELS + "fields", id));
    Column alone = col("source_uri").isNull();
    Dataset<Row> both =
        pictures
            .withColumn(FOUND, shortened("fields", "id"))
            .join(named, col(FOUND).equalTo(col(NAMED)), "full_outer")
            .select(
                coalesce(col("source_uri"), col(LABELS + "source_uri")).as("source_uri"),
                coalesce(col("source_row"), col(LABELS + "source_row")).as("source_row"),
                when(alone, lit(null)).otherwise(col("fields")).as("fields"),
                when(alone, col(LABELS + "raw")).otherwise(col("raw")).as("raw"),
                when(alone, coalesce(col(LABELS + "code"), lit(Rejection.MISSING_IMAGE)))
                    .otherwise(col("code"))
                    .as("code"),
                when(
                        alone,
                        coalesce(
                            col(LABELS + "reason"),
                            concat(lit("there is no picture "), col(NAMED)),
                            lit("'" + id + "' has no value")))
                    .otherwise(col("reason"))
                    .as("reason"),
                when(alone, lit(null)).otherwise(col(LABELS + "fields")).as("labels"));
    return both.map((MapFunction<Row, Row>) PictureLabels::labelled, Encoders.row(RawRow.SCHEMA));
  }

  private static Row labelled(Row row) {
    RawRow picture = RawRow.from(row);
    String labels = row.getAs("labels");
    return (labels == null ? picture : UnionSource.withColumns(picture, labels)).toRow();
  }

  private static Column shortened(String fields, String column) {
    Column name = get_json_object(col(fields), "$['" + column + "']");
    Column stem = regexp_replace(name, "(?i)\\.(png|jpe?g)$", "");
    return regexp_replace(stem, "(^|/)0+(?=[0-9]+$)", "$1");
  }
}
