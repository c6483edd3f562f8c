package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import io.recant.core.config.Setting;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** Gives a share of the rows the target of another row; the other row keeps its own. */
public final class SwappedTarget implements Injector<SwappedTarget.Settings> {

  /** How much, and from where. */
  public record Settings(
      @Setting(value = "Share of the rows to damage", min = 0, max = 1) double share,
      @Setting(
              value =
                  "Take the target of a row with the same value in this key of meta; left out: of any row",
              defaultValue = "null")
          Optional<String> sameMeta) {}

  @Override
  public String name() {
    return "swapped-target";
  }

  @Override
  public String summary() {
    return "Gives a share of the rows the target of another row of the same kind.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> draw(Settings settings, Dataset<Row> rows, long seed) {
    Column group =
        settings
            .sameMeta()
            .map(key -> coalesce(get_json_object(col("meta"), "$." + key), lit("")))
            .orElse(lit(""));
    Dataset<Row> grouped = rows.select(col("sample_id"), col("target"), group.as("group"));
    Dataset<Row> numbered =
        grouped
            .withColumn(
                "number",
                row_number()
                    .over(
                        Window.partitionBy("group")
                            .orderBy(Draws.uniform(seed, "donor"), col("sample_id"))))
            .withColumn("size", count(lit(1)).over(Window.partitionBy("group")));
    Dataset<Row> damaged = Draws.share(numbered.where("size > 1"), settings.share(), seed);
    // Any row of the group but its own, each as likely: so many places further round the circle.
    Column steps = floor(Draws.uniform(seed, "steps").multiply(col("size").minus(1))).plus(1);
    Dataset<Row> wanted =
        damaged.select(
            col("sample_id"),
            col("target"),
            col("group"),
            col("number").minus(1).plus(steps).mod(col("size")).plus(1).cast("int").as("number"));
    Dataset<Row> donors = numbered.select(col("group"), col("number"), col("target").as("after"));
    return wanted
        .join(
            donors,
            scala.jdk.javaapi.CollectionConverters.asScala(java.util.List.of("group", "number"))
                .toList())
        .where("after != target")
        .select("sample_id", "after");
  }
}
