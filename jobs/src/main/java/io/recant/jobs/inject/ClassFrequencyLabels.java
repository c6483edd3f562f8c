package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.config.Setting;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;

/**
 * Labels as a careless annotator gives them: another class, drawn by how frequent the classes are
 * in the train rows. Class-conditional noise without structure, the usual first benchmark.
 */
public final class ClassFrequencyLabels implements Injector<ClassFrequencyLabels.Settings> {

  /** Settings. */
  public record Settings(
      @Setting(value = "The share of rows to damage", min = 0, max = 1) double share) {}

  @Override
  public String name() {
    return "class-frequency-labels";
  }

  @Override
  public String summary() {
    return "Replaces labels by another class, drawn by class frequency; noise without structure.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> damage(Dataset<Row> rows, Settings settings, long seed) {
    ClassFrequencies frequencies = ClassFrequencies.of(rows);
    UDF2<Double, String, String> draw = frequencies::drawOther;
    return Chosen.from(rows, settings.share(), seed)
        .select(
            col("sample_id"),
            udf(draw, DataTypes.StringType)
                .apply(Chosen.draw(seed, "class"), col("target"))
                .as("after"))
        .where(col("after").isNotNull());
  }
}
