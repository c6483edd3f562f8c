package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.config.Nearest;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Two classes given for each other: some rows of each get the other's label. The hard setting of
 * corrective unlearning, because the damage is systematic.
 */
public final class InterclassConfusion implements Injector<InterclassConfusion.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("The two classes") List<String> classes,
      @Setting(
              value =
                  "The share of the rows of each class to damage; either this or 'count' is set",
              defaultValue = "null",
              min = 0,
              max = 1)
          Optional<Double> share,
      @Setting(
              value =
                  "How many rows to damage, half of them of either class; either this or 'share'"
                      + " is set",
              defaultValue = "null",
              min = 0)
          Optional<Long> count) {

    public Settings {
      if (classes.size() != 2 || classes.get(0).equals(classes.get(1))) {
        throw new IllegalArgumentException("classes: name two different classes");
      }
      count.ifPresent(
          rows -> {
            if (rows % 2 != 0) {
              throw new IllegalArgumentException(
                  "count: " + rows + " is odd, and half of the rows are of either class");
            }
          });
      Extent.requireOne(share, count);
    }

    private Extent ofEitherClass() {
      return new Extent(share, count.map(rows -> rows / 2));
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
    return relabelled(rows, one, other, settings.ofEitherClass(), seed)
        .union(relabelled(rows, other, one, settings.ofEitherClass(), seed));
  }

  private Dataset<Row> relabelled(
      Dataset<Row> rows, String from, String to, Extent extent, long seed) {
    Dataset<Row> own = rows.where(col("target").equalTo(from));
    return extent.draw(own, own, name(), seed).select(col("sample_id"), lit(to).as("after"));
  }
}
