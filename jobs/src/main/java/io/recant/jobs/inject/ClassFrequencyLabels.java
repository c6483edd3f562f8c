package io.recant.jobs.inject;

import io.recant.core.config.Setting;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Label noise without a pattern: a share of the labels is replaced by a class drawn by class
 * frequency.
 */
public final class ClassFrequencyLabels implements Injector<ClassFrequencyLabels.Settings> {

  /** How much. */
  public record Settings(
      @Setting(value = "Share of the labels to replace", min = 0, max = 1) double share) {}

  @Override
  public String name() {
    return "class-frequency-labels";
  }

  @Override
  public String summary() {
    return "Replaces a share of the labels by another class drawn by class frequency.";
  }

  @Override
  public String source() {
    return "Natarajan et al., Learning with Noisy Labels, NeurIPS 2013";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> draw(Settings settings, Dataset<Row> rows, long seed) {
    List<Row> targets = Draws.targets(rows);
    double[][] weights = new double[targets.size()][targets.size()];
    for (int from = 0; from < weights.length; from++) {
      for (int to = 0; to < weights.length; to++) {
        weights[from][to] = from == to ? 0 : targets.get(to).getLong(1);
      }
    }
    return ClassDraw.of(targets.stream().map(row -> row.getString(0)).toList(), weights)
        .apply(Draws.share(rows, settings.share(), seed), seed);
  }
}
