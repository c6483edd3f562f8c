package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.config.Setting;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;

/**
 * Labels as an honest annotator gets them wrong: another class that talks about the same things.
 * Classes are near when the words of their inputs are: a class is the vector of its words' counts,
 * each times log(classes / classes with the word), of which the heaviest are kept; nearness is the
 * cosine. The new class is one of the nearest, drawn in proportion to its cosine. This needs no
 * model, so that the errors are not those one particular model would make.
 */
public final class ConfusableLabels implements Injector<ConfusableLabels.Settings> {

  private static final String NOT_A_WORD = "[^\\p{L}\\p{N}]+";

  /** Settings. */
  public record Settings(
      @Setting(value = "The share of rows to damage", min = 0, max = 1) double share,
      @Setting(
              value = "Among how many nearest classes the new one is drawn",
              defaultValue = "3",
              min = 1,
              max = 1000)
          int nearest,
      @Setting(
              value = "How many words describe a class",
              defaultValue = "500",
              min = 1,
              max = 100000)
          int words) {}

  @Override
  public String name() {
    return "confusable-labels";
  }

  @Override
  public String summary() {
    return "Replaces labels by a class whose inputs use the same words; noise as people make it.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> damage(Dataset<Row> rows, Settings settings, long seed) {
    ClassConfusion confusion =
        ClassConfusion.ofProfiles(profiles(rows, settings.words()), settings.nearest());
    UDF2<Double, String, String> draw = confusion::draw;
    return Chosen.from(rows, settings.share(), seed)
        .select(
            col("sample_id"),
            udf(draw, DataTypes.StringType)
                .apply(Chosen.draw(seed, "class"), col("target"))
                .as("after"))
        .where(col("after").isNotNull());
  }

  /** The heaviest words of each class; their number is bounded, so the driver may hold them. */
  private static List<ClassConfusion.Word> profiles(Dataset<Row> rows, int words) {
    long classes = rows.select("target").distinct().count();
    Dataset<Row> counts =
        rows.select(col("target"), explode(split(lower(col("input")), NOT_A_WORD)).as("word"))
            .where(col("word").notEqual(""))
            .groupBy("target", "word")
            .agg(count(lit(1)).as("n"));
    Dataset<Row> spread = counts.groupBy("word").agg(countDistinct("target").as("classes"));
    Dataset<Row> weights =
        counts
            .join(spread, "word")
            .withColumn(
                "weight", col("n").multiply(log(lit((double) classes).divide(col("classes")))))
            .where(col("weight").gt(0))
            .withColumn(
                "rank",
                row_number()
                    .over(
                        Window.partitionBy("target")
                            .orderBy(col("weight").desc(), col("word").asc())))
            .where(col("rank").leq(words));
    List<ClassConfusion.Word> profiles = new ArrayList<>();
    for (Row row : weights.select("target", "word", "weight").collectAsList()) {
      profiles.add(new ClassConfusion.Word(row.getString(0), row.getString(1), row.getDouble(2)));
    }
    return profiles;
  }
}
