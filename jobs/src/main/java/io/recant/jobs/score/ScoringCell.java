package io.recant.jobs.score;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.recant.core.stats.Interval;
import io.recant.jobs.cells.SettingsText;
import io.recant.ml.metric.Evaluated;
import io.recant.ml.metric.Metric;
import io.recant.ml.metric.ScoredRow;
import io.recant.spark.grid.CellContext;
import io.recant.spark.grid.CellTask;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Takes every metric of one model from what was read off it and off its reference. */
final class ScoringCell implements CellTask<ScoringCell.Spec, ScoringCell.Result> {

  private static final long serialVersionUID = 1L;

  /**
   * What is scored.
   *
   * @param rows what was read off the model
   * @param reference what was read off the model that its answers are compared with
   * @param untouched off the model before unlearning
   * @param base off the model before the bad data
   * @param metrics metric name to its settings as JSON
   */
  record Spec(Rows rows, Rows reference, Rows untouched, Rows base, Map<String, String> metrics)
      implements Serializable {}

  /**
   * What was read off a model.
   *
   * @param hash of the rows; null where there is no such model
   * @param file where they lie
   */
  record Rows(String hash, @JsonIgnore String file) implements Serializable {

    /** Rows of a model that may not be there. */
    static Rows of(Optional<ScoredModel> model) {
      return new Rows(
          model.map(ScoredModel::rows).orElse(null), model.map(ScoredModel::rowsFile).orElse(null));
    }

    private List<ScoredRow> read(Configuration hadoop) throws IOException {
      return file == null ? List.of() : ScoredRows.read(new Path(file), hadoop);
    }
  }

  /** One number, or why there is none. */
  record Score(
      String metric,
      String direction,
      String split,
      Double value,
      Double lower,
      Double upper,
      long n,
      String note) {}

  /** Everything about one model. */
  record Result(List<Score> scores) {}

  @Override
  public Result run(Spec spec, CellContext context) throws IOException {
    Evaluated model =
        new Evaluated(
            spec.rows().read(context.hadoop()),
            spec.reference().read(context.hadoop()),
            spec.untouched().read(context.hadoop()),
            spec.base().read(context.hadoop()));
    List<Score> scores = new ArrayList<>();
    spec.metrics()
        .forEach(
            (name, settings) ->
                scores.addAll(measure(Metrics.load().get(name, "score.metrics"), settings, model)));
    return new Result(scores);
  }

  private static <S extends Record> List<Score> measure(
      Metric<S> metric, String settings, Evaluated model) {
    String direction = metric.direction().name().toLowerCase(Locale.ROOT);
    List<Metric.Value> values =
        metric.measure(
            SettingsText.read(settings, metric.settings(), "score.metrics." + metric.name()),
            model);
    if (values.isEmpty()) {
      return List.of(
          new Score(
              metric.name(), direction, "none", null, null, null, 0, "needs " + metric.needs()));
    }
    return values.stream().map(value -> score(metric.name(), direction, value)).toList();
  }

  private static Score score(String name, String direction, Metric.Value value) {
    Interval interval = value.interval();
    return new Score(
        name,
        direction,
        value.split(),
        interval.valueOrNull(),
        interval.lowerOrNull(),
        interval.upperOrNull(),
        value.n(),
        null);
  }
}
