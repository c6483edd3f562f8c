package io.recant.jobs.noise;

import io.recant.core.label.ConfusableNoise;
import io.recant.core.label.ConfusableNoiseFit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;

/**
 * Whether a corpus's labels go wrong as people err, oftener on rows a model finds hard too, and
 * how. Found from a bounded number of rows, drawn by key: the same however the rows are
 * partitioned.
 *
 * @param noise how; empty where errors do not depend on doubt
 * @param evidence that they do: {@link ConfusableNoiseFit#evidence}
 */
public record ConfusableNoiseEstimate(Optional<ConfusableNoise> noise, double evidence) {

  /** Fewer rows than this say nothing about how errors depend on a row. */
  private static final int LEAST_ROWS = 1000;

  /** Probabilities the likelihood is taken of: some thousand rows. */
  private static final double MOST_VALUES = 300_000;

  /** Rows times classes times classes, what one evaluation of the likelihood costs. */
  private static final double MOST_PRODUCTS = 4e7;

  /**
   * Estimates the noise.
   *
   * @param rows samples only, no canaries; read once
   * @param count how many
   */
  public static ConfusableNoiseEstimate of(JavaRDD<GivenLabel> rows, int classes, long count) {
    if (classes < 2 || count < LEAST_ROWS) {
      return new ConfusableNoiseEstimate(Optional.empty(), 0);
    }
    double wanted =
        Math.max(
            LEAST_ROWS,
            Math.min(MOST_VALUES / classes, MOST_PRODUCTS / ((double) classes * classes)));
    long bound = wanted >= count ? Long.MAX_VALUE : (long) (wanted / count * Long.MAX_VALUE);
    List<GivenLabel> some =
        new ArrayList<>(rows.filter(row -> (row.key() & Long.MAX_VALUE) <= bound).collect());
    some.sort(Comparator.comparingLong(GivenLabel::key));
    if (some.isEmpty()) {
      return new ConfusableNoiseEstimate(Optional.empty(), 0);
    }
    ConfusableNoiseFit fit =
        ConfusableNoiseFit.of(
            some.stream().map(row -> new ConfusableNoiseFit.Label(row.given(), row.p())).toList());
    return new ConfusableNoiseEstimate(
        fit.growsWithDoubt() ? Optional.of(fit.noise()) : Optional.empty(), fit.evidence());
  }
}
