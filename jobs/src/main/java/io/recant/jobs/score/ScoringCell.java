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
import org.apache.hadoop.fs.Path;

/** Takes every metric of one model from what was read off it and off its reference. */
final class ScoringCell implements CellTask<ScoringCell.Spec, ScoringCell.Result> {

  private static final long serialVersionUID = 1L;

  /**
   * What is scored.
   *
   * @param rows hash of what was read off the model
   * @param reference hash of what was read off its reference; null where it has none
   * @param metrics metric name to its settings as JSON
   * @param rowsFile where the one lies
   * @param referenceFile where the other lies
   */
  record Spec(
      String rows,
      String reference,
      Map<String, String> metrics,
      @JsonIgnore String rowsFile,
      @JsonIgnore String referenceFile)
      implements Serializable {}

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
    List<ScoredRow> rows = ScoredRows.read(new Path(spec.rowsFile()), context.hadoop());
    List<ScoredRow> reference =
        spec.referenceFile() == null
            ? List.of()
            : ScoredRows.read(new Path(spec.referenceFile()), context.hadoop());
    Evaluated model = new Evaluated(rows, reference);
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
