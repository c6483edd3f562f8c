package io.recant.jobs.score;

import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Scores every checkpoint beside the oracle and the untouched model, and detection and repairs
 * against the truth where that is known.
 */
public final class ScoreStep implements Step<ScoreConfig> {

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
        Table.DAMAGED,
        Table.INJECTIONS,
        Table.KNOWN_BAD,
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
    String evaluation =
        context.write(Table.EVALUATION, Evaluation.rows(context, config)).contentHash();
    context.write(
        Table.SCORES,
        context
            .spark()
            .createDataFrame(
                rows(ScoredModels.of(config, context, evaluation)), Schemas.of(Table.SCORES)));
  }

  private static List<Row> rows(List<ScoredModel> models) {
    List<Row> rows = new ArrayList<>();
    for (ScoredModel model : models) {
      Optional<ScoredModel> judge = model.judge(models);
      Optional<ScoredModel> untouched = model.sibling(models, ScoredModel.UNTOUCHED);
      for (ScoringCell.Score score : model.scores()) {
        Double oracle = judge.flatMap(m -> m.value(score)).orElse(null);
        Double before = untouched.flatMap(m -> m.value(score)).orElse(null);
        rows.add(
            RowFactory.create(
                model.seed(),
                score.metric(),
                score.split(),
                score.value(),
                score.direction(),
                score.n(),
                score.lower(),
                score.upper(),
                oracle,
                before,
                gapClosed(score.value(), oracle, before),
                score.note(),
                model.model(),
                model.method()));
      }
    }
    return rows;
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
