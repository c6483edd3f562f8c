package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.label.TrainingDynamics;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Labels that lose against another class all through training: the mean over epochs of the margin
 * {@code z_y - max z_k}, in models that trained on the row. Use it where nobody brings out-of-fold
 * probabilities of a better model, and to see why a row is doubted. The score is 1 / (1 + exp(area
 * under the margin)): 0.5 where another class led as much as the label did.
 *
 * <p>The paper's threshold comes from rows moved into an extra class before training, which would
 * cost labels; here the zero of the margin stands for it. Canaries are never trained on and have no
 * dynamics, so the decision shows this score and does not weigh it.
 */
public final class AreaUnderMargin implements Detector<AreaUnderMargin.Settings> {

  /** {@code area-under-margin} has no settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "area-under-margin";
  }

  @Override
  public String summary() {
    return "Labels that lost against another class while models trained on them.";
  }

  @Override
  public String source() {
    return "Pleiss, Zhang, Elenberg, Weinberger, NeurIPS 2020";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION)
        && candidates.classes().size() > 1
        && candidates.hasDynamics();
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    return Finding.table(candidates.spark(), candidates.dynamics().map(AreaUnderMargin::finding));
  }

  private static Row finding(TrainedOn row) {
    TrainingDynamics dynamics = row.dynamics();
    ObjectNode evidence = Finding.evidence();
    evidence.put("area_under_margin", Finding.rounded(dynamics.areaUnderMargin()));
    evidence.put("epochs", dynamics.epochs());
    double area = dynamics.areaUnderMargin();
    return Finding.of(
        row.id(),
        row.shard(),
        false,
        Finding.LABEL_ERROR,
        dynamics.marginLost(),
        null,
        String.format(
            Locale.ROOT,
            area < 0
                ? "%s trailed another class by %.1f on average over %d epochs of training on it"
                : "%s led by %.1f on average over %d epochs of training on it",
            row.given(),
            Math.abs(area),
            dynamics.epochs()),
        evidence);
  }
}
