package io.recant.jobs.detect;

import io.recant.core.config.Setting;
import io.recant.core.label.ClassThresholds;
import io.recant.core.label.ConfidentJoint;
import io.recant.core.label.IssueFilter;
import io.recant.core.label.LabelFilter;
import io.recant.core.label.LabelScore;
import io.recant.jobs.noise.States;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

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
  public boolean keepsShards() {
    return true;
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    JavaRDD<LabelledRow> rows = candidates.labelled().filter(LabelledRow::isPredicted);
    JavaRDD<LabelledRow> samples = rows.filter(row -> !row.canary());
    List<String> classes = candidates.classes();
    ClassThresholds thresholds = thresholds(samples, classes.size());
    ConfidentJoint joint = joint(samples, thresholds);
    IssueFilter filter =
        filter(candidates, samples, IssueFilter.of(settings.filter(), thresholds, joint));
    candidates.measure("label_errors_estimated", joint.issues());
    // Its state grows with the square of the classes: sent once, and not with every task.
    Broadcast<IssueFilter> shared =
        JavaSparkContext.fromSparkContext(candidates.spark().sparkContext()).broadcast(filter);
    candidates.releaseLater(shared::destroy);
    Opinion opinion =
        new Opinion(settings.score(), shared, thresholds.thresholds(), List.copyOf(classes));
    return Finding.table(
        candidates.spark(),
        samples.map(opinion::of),
        rows.filter(LabelledRow::canary).map(opinion::of));
  }

  private static ClassThresholds thresholds(JavaRDD<LabelledRow> samples, int classes) {
    LabelledRow.Buffer buffer = new LabelledRow.Buffer();
    return States.over(
        samples,
        new ClassThresholds(classes),
        (state, row) -> {
          state.add(row.given(), row.p(buffer));
          return state;
        },
        ClassThresholds::merge);
  }

  private static ConfidentJoint joint(JavaRDD<LabelledRow> samples, ClassThresholds thresholds) {
    LabelledRow.Buffer buffer = new LabelledRow.Buffer();
    return States.over(
        samples,
        new ConfidentJoint(thresholds.thresholds()),
        (state, row) -> {
          state.add(row.given(), row.p(buffer));
          return state;
        },
        ConfidentJoint::merge);
  }

  /**
   * Makes the passes a filter needs: the first over all rows, the others over what is left open.
   */
  private static IssueFilter filter(
      Candidates candidates, JavaRDD<LabelledRow> samples, IssueFilter begun) {
    LabelledRow.Buffer buffer = new LabelledRow.Buffer();
    IssueFilter current = begun;
    while (current.needsAllRows()) {
      current =
          current.after(
              States.over(
                  samples,
                  current.pass(),
                  (state, row) -> {
                    state.add(row.given(), row.p(buffer), row.key());
                    return state;
                  },
                  IssueFilter.Pass::merge));
    }
    if (current.resolved()) {
      return current;
    }
    JavaRDD<IssueFilter.Undecided> undecided = undecided(samples, current);
    undecided.persist(StorageLevel.MEMORY_AND_DISK());
    candidates.releaseLater(undecided::unpersist);
    while (!current.resolved()) {
      current =
          current.after(
              States.over(
                  undecided,
                  current.pass(),
                  (state, rows) -> {
                    state.add(rows);
                    return state;
                  },
                  IssueFilter.Pass::merge));
    }
    return current;
  }

  private static JavaRDD<IssueFilter.Undecided> undecided(
      JavaRDD<LabelledRow> samples, IssueFilter filter) {
    return samples.mapPartitions(
        rows -> {
          LabelledRow.Buffer buffer = new LabelledRow.Buffer();
          IssueFilter.Undecided undecided = filter.undecided();
          while (rows.hasNext()) {
            LabelledRow row = rows.next();
            undecided.add(row.given(), row.p(buffer), row.key());
          }
          return List.of(undecided).iterator();
        });
  }

  /** What is said of a row. */
  private static final class Opinion implements Serializable {

    private final LabelScore score;
    private final Broadcast<IssueFilter> filter;
    private final double[] thresholds;
    private final List<String> classes;
    private final LabelledRow.Buffer buffer = new LabelledRow.Buffer();

    Opinion(
        LabelScore score,
        Broadcast<IssueFilter> filter,
        double[] thresholds,
        List<String> classes) {
      this.score = score;
      this.filter = filter;
      this.thresholds = thresholds;
      this.classes = classes;
    }

    Row of(LabelledRow row) {
      double[] p = row.p(buffer);
      int best = 0;
      for (int k = 1; k < p.length; k++) {
        best = p[k] > p[best] ? k : best;
      }
      boolean flagged = filter.value().flags(row.given(), p, row.key());
      return Finding.of(
          row.id(),
          row.shard(),
          row.canary(),
          Finding.LABEL_ERROR,
          score.score(p, row.given()),
          best == row.given() ? null : classes.get(best),
          reason(row.given(), best, p),
          evidence(p[row.given()], p[best], thresholds[best], flagged));
    }

    private String reason(int given, int best, double[] p) {
      StringBuilder text = new StringBuilder(96).append("a model that never saw it ");
      text.append(best == given ? "agrees with " : "says ").append(classes.get(best)).append(" (");
      Finding.appendShare(text, p[best]).append(')');
      if (best != given) {
        text.append("; given ").append(classes.get(given)).append(" (");
        Finding.appendShare(text, p[given]).append(')');
      }
      return text.toString();
    }

    private static String evidence(double given, double best, double threshold, boolean flagged) {
      StringBuilder json = new StringBuilder(96).append("{\"p_given\":");
      Finding.append(json, given).append(",\"p_suggested\":");
      Finding.append(json, best).append(",\"threshold\":");
      Finding.append(json, threshold).append(",\"in_filter\":");
      return json.append(flagged).append('}').toString();
    }
  }
}
