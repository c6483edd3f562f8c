package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.config.Nearest;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Two classes given for each other: a share of the rows of each gets the other's label. The hard
 * setting of corrective unlearning, because the damage is systematic.
 */
public final class InterclassConfusion implements Injector<InterclassConfusion.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("The two classes") List<String> classes,
      @Setting(value = "The share of the rows of each class to damage", min = 0, max = 1)
          double share) {

    public Settings {
      if (classes.size() != 2 || classes.get(0).equals(classes.get(1))) {
        throw new IllegalArgumentException("classes: name two different classes");
      }
    }
  }

  @Override
  public String name() {
    return "interclass-confusion";
  }

  @Override
  public String summary() {
    return "Gives a share of the rows of two classes the label of the other; systematic noise.";
  }

  @Override
  public String source() {
    return "Goel et al., Corrective Machine Unlearning, TMLR 2024";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> damage(Dataset<Row> rows, Settings settings, long seed) {
    List<String> known = ClassFrequencies.of(rows).classes();
    for (String name : settings.classes()) {
      if (!known.contains(name)) {
        throw new ConfigException(
            "interclass-confusion.classes: no train row has class '"
                + name
                + "'"
                + Nearest.of(name, known).map(c -> "; did you mean '" + c + "'?").orElse(""));
      }
    }
    String one = settings.classes().get(0);
    String other = settings.classes().get(1);
    return relabelled(rows, one, other, settings.share(), seed)
        .union(relabelled(rows, other, one, settings.share(), seed));
  }

  private static Dataset<Row> relabelled(
      Dataset<Row> rows, String from, String to, double share, long seed) {
    return Chosen.from(rows.where(col("target").equalTo(from)), share, seed)
        .select(col("sample_id"), lit(to).as("after"));
  }
}
