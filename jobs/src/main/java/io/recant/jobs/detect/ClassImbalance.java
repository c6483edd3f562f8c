package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.decision.Observation;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows of classes so rare that a model can hardly learn them: with a class's share q of the rows, K
 * classes and rare the setting, those with q K < rare. The score is 1 - q K / (2 rare): 0.5 at the
 * bound, 1 for a class of nothing. Other rows get no finding. It is an {@link Observation}.
 */
public final class ClassImbalance implements Detector<ClassImbalance.Settings> {

  /** Settings of {@code class-imbalance}. */
  public record Settings(
      @Setting(
              value = "A class is rare below this part of an equal share",
              defaultValue = "0.1",
              min = 0.000001,
              max = 1)
          double rare) {}

  @Override
  public String name() {
    return "class-imbalance";
  }

  @Override
  public String summary() {
    return "Rows of very rare classes; shown, and not decided by.";
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
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION);
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    List<String> classes = candidates.classes();
    JavaRDD<LabelledRow> samples = candidates.labelled().filter(row -> !row.canary());
    Map<Integer, Long> sizes = samples.map(LabelledRow::given).countByValue();
    long rows = sizes.values().stream().mapToLong(Long::longValue).sum();
    Map<Integer, Long> rare = new HashMap<>();
    sizes.forEach(
        (label, size) -> {
          if ((double) size * classes.size() < settings.rare() * rows) {
            rare.put(label, size);
          }
        });
    double share = settings.rare();
    return Finding.table(
        candidates.spark(),
        samples
            .filter(row -> rare.containsKey(row.given()))
            .map(row -> finding(row, rare.get(row.given()), rows, classes, share)));
  }

  private static Row finding(
      LabelledRow row, long size, long rows, List<String> classes, double rare) {
    ObjectNode evidence = Finding.evidence();
    evidence.put("rows_of_class", size);
    evidence.put("rows", rows);
    evidence.put("classes", classes.size());
    return Finding.of(
        row.id(),
        row.shard(),
        false,
        Observation.CLASS_IMBALANCE.kind(),
        1 - (double) size / rows * classes.size() / (2 * rare),
        null,
        String.format(
            Locale.ROOT,
            "%s has %,d of %,d rows; an equal share would be %,.0f",
            classes.get(row.given()),
            size,
            rows,
            (double) rows / classes.size()),
        evidence);
  }
}
