package io.recant.jobs.score;

import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.SettingsText;
import io.recant.ml.data.Example;
import io.recant.ml.device.Devices;
import io.recant.ml.metric.Metric;
import io.recant.ml.metric.ScoredRow;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.spark.grid.CellContext;
import io.recant.spark.grid.CellTask;
import io.recant.spark.model.ModelFiles;
import io.recant.spark.table.ParquetRows;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.Deflater;
import org.apache.hadoop.fs.Path;

/** Scores one model: every metric from one pass over the evaluation rows. */
final class ScoringCell implements CellTask<ScoringCell.Spec, ScoringCell.Result> {

  private static final long serialVersionUID = 1L;

  /**
   * What is scored.
   *
   * @param directory the model directory
   * @param sha256 hash of its weights
   * @param metrics metric name to its settings as JSON
   */
  record Spec(
      String model,
      String method,
      long seed,
      String family,
      String directory,
      String sha256,
      Map<String, String> metrics,
      List<String> files,
      int batchSize)
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
  record Result(String model, String method, long seed, List<Score> scores) {}

  @Override
  public Result run(Spec spec, CellContext context) throws Exception {
    try (ModelFiles files = ModelFiles.stage(new Path(spec.directory()), context.hadoop());
        Model model =
            ModelFamilies.load()
                .get(spec.family(), "checkpoints.family")
                .load(files.local(), Devices.parse(context.device()))) {
      List<ScoredRow> rows = rows(spec, context, model);
      List<Score> scores = new ArrayList<>();
      for (Map.Entry<String, String> metric : spec.metrics().entrySet()) {
        scores.addAll(measure(metric.getKey(), metric.getValue(), rows));
      }
      return new Result(spec.model(), spec.method(), spec.seed(), scores);
    }
  }

  private static List<ScoredRow> rows(Spec spec, CellContext context, Model model) {
    List<ScoredRow> scored = new ArrayList<>();
    for (String file : spec.files()) {
      ScoredRow.Part part = part(file);
      try (ParquetRows rows = ParquetRows.open(List.of(new Path(file)), context.hadoop())) {
        List<ParquetRows.Row> chunk = new ArrayList<>();
        while (rows.hasNext()) {
          chunk.add(rows.next());
          if (chunk.size() == spec.batchSize() * 8 || !rows.hasNext()) {
            scored.addAll(score(model, part, chunk, spec.batchSize()));
            chunk.clear();
          }
        }
      }
    }
    return scored;
  }

  private static List<ScoredRow> score(
      Model model, ScoredRow.Part part, List<ParquetRows.Row> rows, int batchSize) {
    List<Example> targets = rows.stream().map(row -> example(row, "target")).toList();
    List<ParquetRows.Row> withFalse =
        rows.stream().filter(row -> row.string("false_target") != null).toList();
    List<Likelihood.Row> answers = Likelihood.of(model, targets, batchSize);
    List<Likelihood.Row> falseAnswers =
        withFalse.isEmpty()
            ? List.of()
            : Likelihood.of(
                model,
                withFalse.stream().map(row -> example(row, "false_target")).toList(),
                batchSize);
    List<ScoredRow> scored = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rows.size(); i++) {
      boolean hasFalse = rows.get(i).string("false_target") != null;
      scored.add(
          new ScoredRow(
              part,
              "affected".equals(rows.get(i).string("domain")),
              answer(answers.get(i), rows.get(i).string("target")),
              hasFalse
                  ? answer(falseAnswers.get(next++), rows.get(i).string("false_target"))
                  : null));
    }
    return scored;
  }

  private static Example example(ParquetRows.Row row, String target) {
    return new Example(
        row.string("sample_id"), row.string("input"), row.string(target), row.floats("vector"));
  }

  private static ScoredRow.Answer answer(Likelihood.Row row, String text) {
    return new ScoredRow.Answer(
        row.logProbability(),
        row.tokens(),
        row.matches(),
        row.matchedTail(),
        row.leastLikely(),
        row.leastStandardised(),
        compressedBytes(text));
  }

  private static int compressedBytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] compressed = new byte[bytes.length + 64];
      return deflater.deflate(compressed);
    } finally {
      deflater.end();
    }
  }

  private static ScoredRow.Part part(String file) {
    String folder = file.substring(file.indexOf("/part=") + "/part=".length());
    return ScoredRow.Part.valueOf(
        folder.substring(0, folder.indexOf('/')).toUpperCase(Locale.ROOT));
  }

  private static List<Score> measure(String name, String settings, List<ScoredRow> rows)
      throws Exception {
    Metric<?> metric = Metrics.load().get(name, "score.metrics");
    String direction = metric.direction().name().toLowerCase(Locale.ROOT);
    List<Metric.Value> values = values(metric, settings, rows);
    if (values.isEmpty()) {
      return List.of(
          new Score(name, direction, "none", null, null, null, 0, "needs " + metric.needs()));
    }
    return values.stream()
        .map(
            v ->
                new Score(
                    name,
                    direction,
                    v.split(),
                    finite(v.interval().value()),
                    finite(v.interval().lower()),
                    finite(v.interval().upper()),
                    v.n(),
                    null))
        .toList();
  }

  private static <S extends Record> List<Metric.Value> values(
      Metric<S> metric, String settings, List<ScoredRow> rows) {
    return metric.measure(
        SettingsText.read(settings, metric.settings(), "score.metrics." + metric.name()), rows);
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
