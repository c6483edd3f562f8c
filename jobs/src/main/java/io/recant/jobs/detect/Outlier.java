package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.decision.Observation;
import io.recant.core.vector.Nearest;
import io.recant.core.vector.VectorFrame;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows far from all others: with d the mean distance to the nearest rows, m its median over the
 * corpus and f = Q3 + fence (Q3 - Q1) the fence of its quartiles (Tukey, 1977), the score is
 *
 * <pre>1 - 2^(-(d - m) / (f - m))</pre>
 *
 * <p>0 at the median, 0.5 at the fence, 1 infinitely far away. Only rows beyond the fence get a
 * finding. It is an {@link Observation}: a row may be rare and right.
 */
public final class Outlier implements Detector<Outlier.Settings> {

  /** Quartiles are exact to a thousandth. */
  private static final double STEPS = 1000;

  /** Settings of {@code outlier}. */
  public record Settings(
      @Setting(
              value = "Nearest rows whose distance counts; at most detect.neighbours.k",
              defaultValue = "10",
              min = 1,
              max = 500)
          int k,
      @Setting(
              value = "Quartile ranges above the third quartile from which a row is an outlier",
              defaultValue = "3",
              min = 0.1)
          double fence) {}

  @Override
  public String name() {
    return "outlier";
  }

  @Override
  public String summary() {
    return "Rows much farther from their nearest rows than is usual; shown, and not decided by.";
  }

  @Override
  public String source() {
    return "Ramaswamy et al., SIGMOD 2000; fences: Tukey, Exploratory Data Analysis, 1977";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.hasVectors("input");
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    int k = settings.k();
    VectorFrame frame = candidates.neighbourhoods().frame();
    JavaPairRDD<Long, Double> distances =
        candidates
            .neighbours()
            .filter(pair -> pair._2().keys().length > 0)
            .mapValues(nearest -> meanDistance(nearest, k, frame));
    TreeMap<Integer, Long> counts =
        new TreeMap<>(
            distances
                .values()
                .filter(d -> d > 0)
                .map(d -> (int) Math.rint(Math.log(d) * STEPS))
                .countByValue());
    double median = quantile(counts, 0.5);
    double third = quantile(counts, 0.75);
    double fence = third + settings.fence() * (third - quantile(counts, 0.25));
    return Finding.table(
        candidates.spark(),
        candidates
            .sampleKeys()
            .join(distances.filter(d -> fence > median && d._2() > fence))
            .values()
            .map(pair -> finding(pair._1(), pair._2(), k, median, fence)));
  }

  private static double meanDistance(Nearest nearest, int k, VectorFrame frame) {
    int size = Math.min(k, nearest.keys().length);
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += frame.distance(nearest.similarities()[i]);
    }
    return sum / size;
  }

  /** The smallest distance that so much of the rows does not exceed; 0 without rows. */
  private static double quantile(TreeMap<Integer, Long> counts, double share) {
    double wanted = share * counts.values().stream().mapToLong(Long::longValue).sum();
    double seen = 0;
    for (var count : counts.entrySet()) {
      seen += count.getValue();
      if (seen >= wanted) {
        return Math.exp(count.getKey() / STEPS);
      }
    }
    return 0;
  }

  private static Row finding(
      Candidates.SampleKey sample, double distance, int k, double median, double fence) {
    ObjectNode evidence = Finding.evidence();
    evidence.put("mean_distance", Finding.rounded(distance));
    evidence.put("median_distance", Finding.rounded(median));
    evidence.put("fence", Finding.rounded(fence));
    return Finding.of(
        sample.id(),
        sample.shard(),
        false,
        Observation.OUTLIER.kind(),
        1 - Math.pow(2, -(distance - median) / (fence - median)),
        null,
        String.format(
            Locale.ROOT,
            "its %d nearest rows are %.1f times as far away as is usual",
            k,
            distance / median),
        evidence);
  }
}
