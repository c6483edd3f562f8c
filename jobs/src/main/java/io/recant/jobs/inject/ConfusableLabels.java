package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.config.Setting;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Label noise of the kind people make: a share of the labels is replaced by a class whose texts are
 * like those of the right one. How alike two classes are is the cosine of their mean word counts
 * (words hashed into buckets, centred on the mean of all classes), so the injector needs no model;
 * another class is drawn in proportion to its likeness, squared.
 */
public final class ConfusableLabels implements Injector<ConfusableLabels.Settings> {

  private static final int BUCKETS = 2048;

  /** How much. */
  public record Settings(
      @Setting(value = "Share of the labels to replace", min = 0, max = 1) double share) {}

  @Override
  public String name() {
    return "confusable-labels";
  }

  @Override
  public String summary() {
    return "Replaces a share of the labels by a class whose texts are alike.";
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
    List<String> names = Draws.targets(rows).stream().map(row -> row.getString(0)).toList();
    return ClassDraw.of(names, likeness(names, rows))
        .apply(Draws.share(rows, settings.share(), seed), seed);
  }

  private static double[][] likeness(List<String> names, Dataset<Row> rows) {
    Map<String, double[]> profiles = new TreeMap<>();
    names.forEach(name -> profiles.put(name, new double[BUCKETS]));
    Dataset<Row> words =
        rows.select(
                col("target"), explode(split(lower(col("input")), "[^\\p{L}\\p{N}]+")).as("word"))
            .where(length(col("word")).gt(2))
            .groupBy(col("target"), pmod(xxhash64(col("word")), lit((long) BUCKETS)).as("bucket"))
            .count();
    for (Row row : words.collectAsList()) {
      profiles.get(row.getString(0))[(int) row.getLong(1)] = Math.sqrt(row.getLong(2));
    }
    double[] mean = new double[BUCKETS];
    for (double[] profile : profiles.values()) {
      scale(profile, 1 / Math.max(1e-12, Math.sqrt(dot(profile, profile))));
      for (int b = 0; b < BUCKETS; b++) {
        mean[b] += profile[b] / profiles.size();
      }
    }
    for (double[] profile : profiles.values()) {
      for (int b = 0; b < BUCKETS; b++) {
        profile[b] -= mean[b];
      }
      scale(profile, 1 / Math.max(1e-12, Math.sqrt(dot(profile, profile))));
    }
    double[][] likeness = new double[names.size()][names.size()];
    for (int i = 0; i < likeness.length; i++) {
      for (int j = 0; j < likeness.length; j++) {
        double cosine = Math.max(0, dot(profiles.get(names.get(i)), profiles.get(names.get(j))));
        likeness[i][j] = i == j ? 0 : 1e-6 + cosine * cosine;
      }
    }
    return likeness;
  }

  private static void scale(double[] vector, double factor) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
