package io.recant.jobs.detect;

import io.recant.core.label.ConfusableNoise;
import io.recant.core.label.Probabilities;
import io.recant.jobs.noise.ConfusableNoiseEstimate;
import io.recant.jobs.noise.GivenLabel;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The probability that a label is wrong where people err: oftener on rows that are hard for a model
 * too, and into what people confuse ({@link ConfusableNoise}). Has an opinion only where the given
 * labels show that errors depend on a model's doubt; elsewhere {@code noise-transition} is the one
 * to ask. Needs a model that is better than the labels: of a weak one it takes too much for errors.
 */
public final class ConfusableNoisePosterior implements Detector<ConfusableNoisePosterior.Settings> {

  /** {@code confusable-noise} has no settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "confusable-noise";
  }

  @Override
  public String summary() {
    return "The probability that a label is wrong, given how people err on hard rows.";
  }

  @Override
  public String source() {
    return "ours; after Xia et al., Part-dependent label noise, NeurIPS 2020";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION) && candidates.hasProbabilities();
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    List<String> classes = candidates.classes();
    JavaRDD<LabelledRow> rows = candidates.labelled().filter(LabelledRow::isPredicted);
    JavaRDD<GivenLabel> samples =
        rows.filter(row -> !row.canary())
            .map(row -> new GivenLabel(row.key(), row.given(), row.p()));
    ConfusableNoiseEstimate estimate =
        ConfusableNoiseEstimate.of(samples, classes.size(), samples.count());
    candidates.measure("confusable_noise", estimate.evidence());
    if (estimate.noise().isEmpty()) {
      return candidates.spark().createDataFrame(List.of(), Finding.SCHEMA);
    }
    ConfusableNoise noise = estimate.noise().get();
    return Finding.table(candidates.spark(), rows.map(row -> finding(row, noise, classes)));
  }

  private static Row finding(LabelledRow row, ConfusableNoise noise, List<String> classes) {
    double[] p = row.p();
    double[] truth = noise.truth(row.given(), p);
    int likeliest = Probabilities.argMax(truth);
    double wrong = Math.max(0, 1 - truth[row.given()]);
    String given = classes.get(row.given());
    String reason =
        likeliest == row.given()
            ? String.format(
                Locale.ROOT,
                "people who see such a row are right about %s with probability %.2f",
                given,
                1 - wrong)
            : String.format(
                Locale.ROOT,
                "people who see such a row are wrong about %s with probability %.2f; more likely %s"
                    + " (%.2f)",
                given,
                wrong,
                classes.get(likeliest),
                truth[likeliest]);
    return TrueClassFinding.of(row, p, truth, wrong, likeliest, classes, reason);
  }
}
