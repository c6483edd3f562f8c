package io.recant.jobs.score;

import io.recant.core.config.Strategy;
import io.recant.core.table.Table;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.SettingsText;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Scores every checkpoint beside the oracle and the untouched model, and detection and repairs
 * against the truth where that is known.
 */
public final class ScoreStep implements Step<ScoreConfig> {

  /** The method name of the model that never saw the bad data. */
  private static final String ORACLE = "oracle";

  /** The method name of the model before unlearning. */
  private static final String UNTOUCHED = "victim";

  @Override
  public String name() {
    return "score";
  }

  @Override
  public String summary() {
    return "Scores every model beside the oracle and the untouched one, and detection against the truth where known.";
  }

  @Override
  public Class<ScoreConfig> settings() {
    return ScoreConfig.class;
  }

  @Override
  public boolean readsOriginals() {
    return true;
  }

  @Override
  public Set<Table> reads(ScoreConfig config) {
    return Set.of(
        Table.SAMPLES,
        Table.INJECTIONS,
        Table.EMBEDDINGS,
        Table.FINDINGS,
        Table.DECISIONS,
        Table.FORGET,
        Table.RETAIN,
        Table.REPAIRS,
        Table.CHECKPOINTS);
  }

  @Override
  public Set<Table> writes(ScoreConfig config) {
    return Set.of(
        Table.EVALUATION,
        Table.SCORES,
        Table.DETECTION_SCORES,
        Table.DETECTION_CURVES,
        Table.REPAIR_SCORES);
  }

  @Override
  public void check(ScoreConfig config) {
    config.metrics().forEach(metric -> Metrics.load().configure(metric, "score.metrics"));
  }

  @Override
  public void run(ScoreConfig config, StepContext context) {
    DetectionTruth truth = DetectionTruth.measure(context);
    context.write(
        Table.DETECTION_SCORES,
        context.spark().createDataFrame(truth.scores(), Schemas.of(Table.DETECTION_SCORES)));
    context.write(
        Table.DETECTION_CURVES,
        context.spark().createDataFrame(truth.curves(), Schemas.of(Table.DETECTION_CURVES)));
    context.write(
        Table.REPAIR_SCORES,
        context
            .spark()
            .createDataFrame(RepairTruth.scores(context), Schemas.of(Table.REPAIR_SCORES)));
    context.write(Table.EVALUATION, Evaluation.rows(context, config));
    List<ScoringCell.Result> results =
        Grid.run(
            context,
            "scoring",
            cells(config, context),
            ScoringCell.Result.class,
            new ScoringCell());
    context.write(
        Table.SCORES, context.spark().createDataFrame(rows(results), Schemas.of(Table.SCORES)));
  }

  private static List<Cell<ScoringCell.Spec>> cells(ScoreConfig config, StepContext context) {
    Map<String, String> metrics = new TreeMap<>();
    for (Strategy strategy : config.metrics()) {
      Record settings = Metrics.load().configure(strategy, "score.metrics").settings();
      metrics.put(strategy.name(), SettingsText.write(settings));
    }
    List<Path> evaluation = context.writtenFiles(Table.EVALUATION);
    List<Cell<ScoringCell.Spec>> cells = new ArrayList<>();
    for (Row row :
        context.read(Table.CHECKPOINTS).orderBy("model", "method", "seed").collectAsList()) {
      String model = row.getAs("model");
      String method = row.getAs("method");
      long seed = row.<Long>getAs("seed");
      cells.add(
          new Cell<>(
              model + "." + method + "." + seed,
              1,
              new ScoringCell.Spec(
                  model,
                  method,
                  seed,
                  row.getAs("family"),
                  new Path(context.runDirectory().path(), row.<String>getAs("uri")).toString(),
                  row.getAs("sha256"),
                  metrics,
                  ParquetExamples.ofCorpus(evaluation, row.getAs("corpus")),
                  config.batchSize())));
    }
    return cells;
  }

  private static List<Row> rows(List<ScoringCell.Result> results) {
    List<Row> rows = new ArrayList<>();
    for (ScoringCell.Result result : results) {
      for (ScoringCell.Score score : result.scores()) {
        Double oracle = reference(results, result, score, ORACLE);
        Double untouched = reference(results, result, score, UNTOUCHED);
        rows.add(
            RowFactory.create(
                result.seed(),
                score.metric(),
                score.split(),
                score.value(),
                score.direction(),
                score.n(),
                score.lower(),
                score.upper(),
                oracle,
                untouched,
                gapClosed(score.value(), oracle, untouched),
                score.note(),
                result.model(),
                result.method()));
      }
    }
    return rows;
  }

  /** The same number of a reference model: of the same seed where there is one, else of any. */
  private static Double reference(
      List<ScoringCell.Result> results,
      ScoringCell.Result of,
      ScoringCell.Score score,
      String method) {
    List<ScoringCell.Result> references =
        results.stream()
            .filter(r -> r.model().equals(of.model()) && r.method().equals(method))
            .toList();
    Optional<ScoringCell.Result> reference =
        references.stream()
            .filter(r -> r.seed() == of.seed())
            .findFirst()
            .or(() -> references.stream().findFirst());
    return reference
        .flatMap(
            r ->
                r.scores().stream()
                    .filter(
                        s -> s.metric().equals(score.metric()) && s.split().equals(score.split()))
                    .findFirst())
        .map(ScoringCell.Score::value)
        .orElse(null);
  }

  private static Double gapClosed(Double value, Double oracle, Double untouched) {
    if (value == null
        || oracle == null
        || untouched == null
        || Math.abs(oracle - untouched) < 1e-9) {
      return null;
    }
    return (value - untouched) / (oracle - untouched);
  }
}
