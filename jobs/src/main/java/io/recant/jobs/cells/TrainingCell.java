package io.recant.jobs.train;

import ai.djl.Device;
import io.recant.core.registry.Configured;
import io.recant.jobs.cells.CellDevice;
import io.recant.jobs.cells.CellExecution;
import io.recant.jobs.cells.CellSettings;
import io.recant.jobs.cells.ModelCell;
import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.ProcessMemory;
import io.recant.jobs.cells.SettingsText;
import io.recant.jobs.cells.TrainingLog;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import io.recant.spark.grid.CellContext;
import io.recant.spark.grid.CellTask;
import io.recant.spark.grid.DeviceChoice;
import io.recant.spark.model.ModelFiles;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;

/**
 * Trains one model from Parquet to a model directory.
 *
 * @param settings how it uses its machine
 */
record TrainingCell(CellSettings settings)
    implements CellTask<TrainingCell.Spec, ModelCell.Result> {

  /**
   * What to train.
   *
   * @param method the variant's name
   * @param family the model family, {@code settings} its shape as JSON
   * @param training the optimisation as JSON
   * @param files whole samples to learn from; {@code leftOut} names files with the ids that are
   *     left out
   * @param splits the splits of those samples that count
   * @param start a directory: of the model to continue where {@code continues}, else of the
   *     tokenizer; null for neither
   * @param startHash what is in {@code start}: part of what the cell is made from
   * @param run the run directory; {@code uri} is relative to it
   */
  record Spec(
      String model,
      String method,
      long seed,
      String corpus,
      String family,
      String settings,
      String training,
      List<String> classes,
      int vectorDimension,
      List<String> files,
      List<String> leftOut,
      TreeSet<String> splits,
      String start,
      String startHash,
      boolean continues,
      String run,
      String uri,
      DeviceChoice device)
      implements Serializable {}

  @Override
  public ModelCell.Result run(Spec spec, CellContext context) {
    long began = System.nanoTime();
    CellDevice device = CellDevice.of(spec.device(), context.device());
    OptimizationSettings optimisation =
        SettingsText.read(
            spec.training(), OptimizationSettings.class, "train.models." + spec.model());
    Examples examples =
        ParquetExamples.without(spec.files(), spec.leftOut(), spec.splits(), context.hadoop());
    TrainingLog log =
        new TrainingLog(
            TrainingLog.steps(examples.count(), optimisation.batchSize(), optimisation.epochs()));
    try (ModelFiles start = start(spec, context);
        Model model = model(spec, start, device.device());
        ModelFiles saved = ModelFiles.empty();
        CellExecution execution = CellExecution.begin(settings, model, log, context)) {
      device.note().ifPresent(execution::note);
      execution.noteCut(model, "train", examples);
      Training.Result result =
          Training.run(model, examples, optimisation, spec.seed(), execution.surroundings());
      model.save(saved.local());
      saved.publish(new Path(spec.run(), spec.uri()), context.hadoop());
      return new ModelCell.Result(
          spec.model(),
          spec.method(),
          spec.seed(),
          spec.corpus(),
          spec.family(),
          spec.uri(),
          saved.weightsSha256(),
          SettingsText.hash(
              spec.method(),
              spec.seed(),
              spec.corpus(),
              spec.family(),
              spec.settings(),
              spec.training(),
              spec.splits(),
              spec.startHash()),
          result.steps(),
          result.stopped(),
          device.text(),
          (System.nanoTime() - began) / 1e9,
          ProcessMemory.peakResident(),
          execution.notes(),
          log.entries());
    }
  }

  private static ModelFiles start(Spec spec, CellContext context) {
    return spec.start() == null
        ? ModelFiles.empty()
        : ModelFiles.stage(new Path(spec.start()), context.hadoop());
  }

  private static Model model(Spec spec, ModelFiles start, Device device) {
    ModelFamily<?> family =
        ModelFamilies.load().get(spec.family(), "train.models." + spec.model() + ".family");
    return spec.continues()
        ? family.load(start.local(), device)
        : create(family, spec, start, device);
  }

  private static <S extends Record> Model create(
      ModelFamily<S> family, Spec spec, ModelFiles start, Device device) {
    Record settings =
        SettingsText.read(
            spec.settings(), family.settings(), "train.models." + spec.model() + ".family");
    TaskSpec task =
        new TaskSpec(
            spec.classes(),
            spec.vectorDimension(),
            spec.start() == null
                ? Optional.empty()
                : Optional.of(start.local().resolve("tokenizer.json")));
    return family.create(
        new Configured<>(family, settings).settingsAs(family.settings()),
        task,
        spec.seed(),
        device);
  }
}
