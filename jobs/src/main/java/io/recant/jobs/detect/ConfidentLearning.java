package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.label.ClassThresholds;
import io.recant.core.label.ConfidentJoint;
import io.recant.core.label.IssueFilter;
import io.recant.core.label.LabelFilter;
import io.recant.core.label.LabelScore;
import io.recant.jobs.noise.States;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Labels that out-of-sample probabilities speak against. Use it first wherever there are
 * probabilities; where errors are random flips or one class is often given as another, {@code
 * noise-transition} ranks better.
 */
public final class ConfidentLearning implements Detector<ConfidentLearning.Settings> {

  /** Settings of {@code confident-learning}. */
  public record Settings(
      @Setting(
              value = "Which rows count as flagged (evidence in_filter)",
              defaultValue = "prune_by_noise_rate")
          LabelFilter filter,
      @Setting(value = "What the score is", defaultValue = "log_ratio") LabelScore score) {}

  @Override
  public String name() {
    return "confident-learning";
  }

  @Override
  public String summary() {
    return "Labels that a model which never saw the row holds improbable.";
  }

  @Override
  public String source() {
    return "Northcutt, Jiang, Chuang: Confident Learning, JAIR 2021; cleanlab 2.9";
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
    JavaRDD<LabelledRow> rows = candidates.labelled().filter(row -> row.predicted().length > 0);
    JavaRDD<LabelledRow> samples = rows.filter(row -> !row.canary());
    List<String> classes = candidates.classes();
    ClassThresholds thresholds = thresholds(samples, classes.size());
    ConfidentJoint joint = joint(samples, thresholds);
    IssueFilter filter = filter(samples, IssueFilter.of(settings.filter(), thresholds, joint));
    candidates.measure("label_errors_estimated", joint.issues());
    double[] least = thresholds.thresholds();
    LabelScore score = settings.score();
    return Finding.table(
        candidates.spark(), rows.map(row -> finding(row, score, filter, least, classes)));
  }

  static ClassThresholds thresholds(JavaRDD<LabelledRow> samples, int classes) {
    return States.over(
        samples,
        new ClassThresholds(classes),
        (state, row) -> {
          state.add(row.given(), row.p());
          return state;
        },
        ClassThresholds::merge);
  }

  static ConfidentJoint joint(JavaRDD<LabelledRow> samples, ClassThresholds thresholds) {
    return States.over(
        samples,
        new ConfidentJoint(thresholds.thresholds()),
        (state, row) -> {
          state.add(row.given(), row.p());
          return state;
        },
        ConfidentJoint::merge);
  }

  /** Makes the passes a filter needs. */
  static IssueFilter filter(JavaRDD<LabelledRow> samples, IssueFilter filter) {
    IssueFilter current = filter;
    while (!current.resolved()) {
      current =
          current.after(
              States.over(
                  samples,
                  current.pass(),
                  (state, row) -> {
                    state.add(row.given(), row.p(), row.key());
                    return state;
                  },
                  IssueFilter.Pass::merge));
    }
    return current;
  }

  private static Row finding(
      LabelledRow row,
      LabelScore score,
      IssueFilter filter,
      double[] thresholds,
      List<String> classes) {
    double[] p = row.p();
    int best = 0;
    for (int k = 1; k < p.length; k++) {
      best = p[k] > p[best] ? k : best;
    }
    boolean flagged = filter.flags(row.given(), p, row.key());
    ObjectNode evidence = Finding.evidence();
    evidence.put("p_given", Finding.rounded(p[row.given()]));
    evidence.put("p_suggested", Finding.rounded(p[best]));
    evidence.put("threshold", Finding.rounded(thresholds[best]));
    evidence.put("in_filter", flagged);
    String reason =
        best == row.given()
            ? String.format(
                Locale.ROOT,
                "a model that never saw it agrees with %s (%.2f)",
                classes.get(best),
                p[best])
            : String.format(
                Locale.ROOT,
                "a model that never saw it says %s (%.2f); given %s (%.2f)",
                classes.get(best),
                p[best],
                classes.get(row.given()),
                p[row.given()]);
    return Finding.of(
        row.id(),
        row.shard(),
        row.canary(),
        Finding.LABEL_ERROR,
        score.score(p, row.given()),
        best == row.given() ? null : classes.get(best),
        reason,
        evidence);
  }
}
