package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.label.TrainingDynamics;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Where a row lies on the data map of its corpus: mean and standard deviation, over epochs of
 * training on it, of the probability of its label, and how often the label was forgotten. The score
 * is (1 - mean)(1 - 2 deviation): high in the hard-to-learn region, where wrong labels gather,
 * lower among the ambiguous rows. Use it to look at a corpus; {@code noise-transition} ranks
 * better. Joining both numbers to one score is ours, not the paper's.
 *
 * <p>Canaries are never trained on and have no dynamics, so the decision shows this score and does
 * not weigh it.
 */
public final class DataMap implements Detector<DataMap.Settings> {

  /** {@code data-map} has no settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "data-map";
  }

  @Override
  public String summary() {
    return "Labels that stayed improbable while models trained on them.";
  }

  @Override
  public String source() {
    return "Swayamdipta et al., EMNLP 2020; forgetting: Toneva et al., ICLR 2019";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION) && candidates.hasDynamics();
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    return Finding.table(candidates.spark(), candidates.dynamics().map(DataMap::finding));
  }

  private static Row finding(TrainedOn row) {
    TrainingDynamics dynamics = row.dynamics();
    ObjectNode evidence = Finding.evidence();
    evidence.put("confidence", Finding.rounded(dynamics.confidence()));
    evidence.put("variability", Finding.rounded(dynamics.variability()));
    evidence.put("forgettings", dynamics.forgettings());
    return Finding.of(
        row.id(),
        row.shard(),
        false,
        Finding.LABEL_ERROR,
        dynamics.hardToLearn(),
        null,
        String.format(
            Locale.ROOT,
            "%s had probability %.2f +- %.2f over %d epochs of training on it",
            row.given(),
            dynamics.confidence(),
            dynamics.variability(),
            dynamics.epochs()),
        evidence);
  }
}
