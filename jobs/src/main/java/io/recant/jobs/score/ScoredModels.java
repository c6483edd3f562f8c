package io.recant.jobs.score;

import io.recant.core.config.Strategy;
import io.recant.core.table.Table;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.SettingsText;
import io.recant.ml.metric.Metric;
import io.recant.ml.metric.Reading;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * Scores every checkpoint in two grids: first each model is read, which is what takes time, then
 * each is measured from what was read off it and off its reference.
 */
final class ScoredModels {

  private ScoredModels() {}

  /**
   * Every model of the run with its scores.
   *
   * @param evaluation content hash of the evaluation rows this step has written
   */
  static List<ScoredModel> of(ScoreConfig config, StepContext context, String evaluation) {
    Map<String, String> metrics = new TreeMap<>();
    Set<Reading> readings = new TreeSet<>();
    for (Strategy strategy : config.metrics()) {
      add(Metrics.load().get(strategy.name(), "score.metrics"), strategy, metrics, readings);
    }
    List<ScoredModel> models = new ArrayList<>();
    List<Cell<ReadingCell.Spec>> cells = new ArrayList<>();
    List<Path> files = context.writtenFiles(Table.EVALUATION);
    for (Row row :
        context.read(Table.CHECKPOINTS).orderBy("model", "method", "seed").collectAsList()) {
      ScoredModel model = model(row, context);
      models.add(model);
      cells.add(
          new Cell<>(
              model.id(),
              1,
              new ReadingCell.Spec(
                  row.getAs("family"),
                  model.sha256(),
                  row.getAs("config_hash"),
                  evaluation,
                  readings,
                  SettingsText.write(config.reading()),
                  config.batchSize(),
                  Seeds.derive(context.seed(), "score/relearning"),
                  new Path(context.runDirectory().path(), row.<String>getAs("uri")).toString(),
                  ParquetExamples.ofCorpus(files, row.getAs("corpus")),
                  model.rowsFile())));
    }
    List<ReadingCell.Result> read =
        Grid.run(
            context,
            "reading",
            cells,
            config.device(),
            ReadingCell.Result.class,
            new ReadingCell(config.device()));
    for (int i = 0; i < read.size(); i++) {
      models.set(i, models.get(i).read(read.get(i).hash()));
    }
    return measured(models, metrics, context);
  }

  private static <S extends Record> void add(
      Metric<S> metric, Strategy strategy, Map<String, String> metrics, Set<Reading> readings) {
    S settings = Metrics.load().configure(strategy, "score.metrics").settingsAs(metric.settings());
    metrics.put(metric.name(), SettingsText.write(settings));
    readings.addAll(metric.reads(settings));
  }

  private static ScoredModel model(Row row, StepContext context) {
    String model = row.getAs("model");
    String method = row.getAs("method");
    long seed = row.<Long>getAs("seed");
    String file = "cells/score/rows/" + model + "." + method + "." + seed + ".jsonl.gz";
    return new ScoredModel(
        model,
        method,
        seed,
        row.getAs("sha256"),
        null,
        new Path(context.runDirectory().path(), file).toString(),
        List.of());
  }

  private static List<ScoredModel> measured(
      List<ScoredModel> models, Map<String, String> metrics, StepContext context) {
    List<Cell<ScoringCell.Spec>> cells = new ArrayList<>();
    for (ScoredModel model : models) {
      cells.add(
          new Cell<>(
              model.id(),
              1,
              new ScoringCell.Spec(
                  ScoringCell.Rows.of(Optional.of(model)),
                  ScoringCell.Rows.of(model.reference(models)),
                  ScoringCell.Rows.of(model.sibling(models, ScoredModel.UNTOUCHED)),
                  ScoringCell.Rows.of(model.sibling(models, ScoredModel.BASE)),
                  metrics)));
    }
    List<ScoringCell.Result> results =
        Grid.run(context, "scoring", cells, ScoringCell.Result.class, new ScoringCell());
    List<ScoredModel> scored = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      scored.add(models.get(i).scored(results.get(i).scores()));
    }
    return scored;
  }
}
