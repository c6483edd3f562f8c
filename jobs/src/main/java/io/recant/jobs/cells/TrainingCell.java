package io.recant.jobs.cells;

import ai.djl.Device;
import io.recant.core.registry.Configured;
import io.recant.ml.data.Examples;
import io.recant.ml.data.ImageShape;
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
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;

/**
 * Trains one model from Parquet to a model directory.
 *
 * @param settings how it uses its machine
 */
public record TrainingCell(CellSettings settings)
    implements CellTask<TrainingCell.Spec, ModelCell.Result> {

  /**
   * What to train.
   *
   * @param where the settings it was asked for with, for messages
   * @param method the variant's name
   * @param family the model family, {@code settings} its shape as JSON
   * @param training the optimisation as JSON
   * @param pictures the size of the pictures it reads; null where it reads none
   * @param files whole samples to learn from; {@code leftOut} names files with the ids that are
   *     left out
   * @param heldOut a part of the samples that is left out besides; null for none
   * @param splits the splits of those samples that count
   * @param start a directory: of the model to continue where {@code continues}, else of the
   *     tokenizer; null for neither
   * @param startHash what is in {@code start}: part of what the cell is made from
   * @param run the run directory; {@code uri} is relative to it
   */
  public record Spec(
      String where,
      String model,
      String method,
      long seed,
      String corpus,
      String family,
      String settings,
      String training,
      List<String> classes,
      int vectorDimension,
      ImageShape pictures,
      List<String> files,
      List<String> leftOut,
      Fold heldOut,
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
        SettingsText.read(spec.training(), OptimizationSettings.class, spec.where());
    Set<String> leftOut = ParquetExamples.ids(spec.leftOut(), context.hadoop());
    Examples examples =
        ParquetExamples.of(
            spec.files(),
            spec.splits(),
            id -> !leftOut.contains(id) && (spec.heldOut() == null || !spec.heldOut().holds(id)),
            context.hadoop());
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
              spec.heldOut(),
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
    ModelFamily<?> family = ModelFamilies.load().get(spec.family(), spec.where() + ".family");
    return spec.continues()
        ? family.load(start.local(), device)
        : create(family, spec, start, device);
  }

  private static <S extends Record> Model create(
      ModelFamily<S> family, Spec spec, ModelFiles start, Device device) {
    Record settings =
        SettingsText.read(spec.settings(), family.settings(), spec.where() + ".family");
    TaskSpec task =
        new TaskSpec(
            spec.classes(),
            spec.vectorDimension(),
            spec.start() == null
                ? Optional.empty()
                : Optional.of(start.local().resolve("tokenizer.json")),
            Optional.ofNullable(spec.pictures()));
    return family.create(
        new Configured<>(family, settings).settingsAs(family.settings()),
        task,
        spec.seed(),
        device);
  }
}
