package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.recant.core.config.Setting;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Two classes mixed up: a share of each is labelled as the other. */
public final class InterclassConfusion implements Injector<InterclassConfusion.Settings> {

  /** Which, and how much. */
  public record Settings(
      @Setting("The two classes") List<String> classes,
      @Setting(value = "Share of each that gets the other's label", min = 0, max = 1)
          double share) {

    public Settings {
      if (classes.size() != 2 || classes.get(0).equals(classes.get(1))) {
        throw new IllegalArgumentException(
            "classes: expected two different classes, found " + classes);
      }
    }
  }

  @Override
  public String name() {
    return "interclass-confusion";
  }

  @Override
  public String summary() {
    return "Labels a share of each of two classes as the other.";
  }

  @Override
  public String source() {
    return "Goel et al., Towards Adversarial Evaluations for Inexact Machine Unlearning, 2022";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> draw(Settings settings, Dataset<Row> rows, long seed) {
    String a = settings.classes().get(0);
    String b = settings.classes().get(1);
    Dataset<Row> ofA = Draws.share(rows.where(col("target").equalTo(a)), settings.share(), seed);
    Dataset<Row> ofB = Draws.share(rows.where(col("target").equalTo(b)), settings.share(), seed);
    return ofA.unionAll(ofB)
        .select(
            col("sample_id"), when(col("target").equalTo(a), lit(b)).otherwise(lit(a)).as("after"));
  }
}
