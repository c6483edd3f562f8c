package io.recant.jobs.unlearn;

import ai.djl.Device;
import io.recant.core.error.ConfigException;
import io.recant.jobs.cells.CellDevice;
import io.recant.jobs.cells.CellExecution;
import io.recant.jobs.cells.CellSettings;
import io.recant.jobs.cells.ModelCell;
import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.ProcessMemory;
import io.recant.jobs.cells.SettingsText;
import io.recant.jobs.cells.TrainingLog;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.ChosenLayers;
import io.recant.ml.causal.LoraAdapters;
import io.recant.ml.causal.LoraDirectory;
import io.recant.ml.causal.LoraSettings;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.unlearn.UnlearningMethod;
import io.recant.ml.unlearn.UnlearningResult;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import io.recant.ml.unlearn.UnlearningTask;
import io.recant.spark.grid.CellContext;
import io.recant.spark.grid.CellTask;
import io.recant.spark.grid.DeviceChoice;
import io.recant.spark.model.ModelFiles;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * One cell of the grid: a model, a method, a seed.
 *
 * @param settings how it uses its machine
 */
record UnlearningCell(CellSettings settings)
    implements CellTask<UnlearningCell.Spec, ModelCell.Result> {

  /**
   * About how many steps a log is thinned for; methods do not say beforehand how many they take.
   */
  private static final long LOGGED_STEPS = 1000;

  private static final int EVALUATION_BATCH = 128;

  /** Where adapters are kept in a model directory, beside the weights they were merged into. */
  private static final String ADAPTER = "adapter";

  /**
   * What to do.
   *
   * @param name what the method's rows are called
   * @param settings the method's settings as JSON
   * @param lora settings of adapters as JSON, where they are trained in place of the weights
   * @param layers the layers that are trained; all weights when empty
   * @param start the victim's directory, {@code startHash} its weights
   * @param forget files of the forget set
   * @param retain files of the retain set
   * @param run the run directory; {@code uri} is relative to it
   */
  record Spec(
      String model,
      String name,
      String method,
      long seed,
      String corpus,
      String family,
      String settings,
      String lora,
      List<Integer> layers,
      String start,
      String startHash,
      List<String> forget,
      List<String> retain,
      long maxSteps,
      String run,
      String uri,
      DeviceChoice device)
      implements Serializable {}

  @Override
  public ModelCell.Result run(Spec spec, CellContext context) {
    long began = System.nanoTime();
    CellDevice device = CellDevice.of(spec.device(), context.device());
    TrainingLog log = new TrainingLog(LOGGED_STEPS);
    try (ModelFiles start = ModelFiles.stage(new Path(spec.start()), context.hadoop());
        Model model = model(spec, start, device.device());
        ModelFiles saved = ModelFiles.empty();
        CellExecution execution = CellExecution.begin(settings, model, log, context)) {
      device.note().ifPresent(execution::note);
      UnlearningResult result =
          unlearn(
              Methods.load().get(spec.method(), "unlearn.grid"), spec, context, model, execution);
      save(model, saved.local());
      saved.publish(new Path(spec.run(), spec.uri()), context.hadoop());
      return new ModelCell.Result(
          spec.model(),
          spec.name(),
          spec.seed(),
          spec.corpus(),
          spec.family(),
          spec.uri(),
          saved.weightsSha256(),
          SettingsText.hash(
              spec.method(),
              spec.seed(),
              spec.settings(),
              spec.lora(),
              spec.layers(),
              spec.maxSteps(),
              spec.startHash()),
          result.steps(),
          result.words(),
          device.text(),
          (System.nanoTime() - began) / 1e9,
          ProcessMemory.peakResident(),
          execution.notes(),
          log.entries());
    }
  }

  /** The victim, with the part of it trainable that the plan wants trained. */
  private static Model model(Spec spec, ModelFiles start, Device device) {
    Model whole =
        ModelFamilies.load().get(spec.family(), "checkpoints.family").load(start.local(), device);
    if (spec.lora() == null && spec.layers().isEmpty()) {
      return whole;
    }
    try {
      if (!(whole instanceof CausalModel decoder)) {
        throw new ConfigException(
            "unlearn.grid." + spec.model() + ": lora and layers are for language models");
      }
      return spec.lora() == null
          ? ChosenLayers.of(decoder, Set.copyOf(spec.layers()))
          : LoraAdapters.attach(
              decoder,
              SettingsText.read(spec.lora(), LoraSettings.class, "unlearn.grid.lora"),
              spec.seed());
    } catch (ConfigException e) {
      whole.close();
      throw e;
    }
  }

  private static void save(Model model, java.nio.file.Path directory) {
    model.save(directory);
    if (model instanceof CausalModel decoder && decoder.adapters().isPresent()) {
      LoraDirectory.save(decoder, directory.resolve(ADAPTER));
    }
  }

  private static <S extends Record> UnlearningResult unlearn(
      UnlearningMethod<S> method,
      Spec spec,
      CellContext context,
      Model model,
      CellExecution execution) {
    S settings =
        SettingsText.read(spec.settings(), method.settings(), "unlearn.grid." + spec.method());
    Examples forget = ParquetExamples.of(spec.forget(), context.hadoop());
    Examples retain = ParquetExamples.of(spec.retain(), context.hadoop());
    if (forget.count() == 0) {
      return new UnlearningResult(0, Stop.NOTHING_TO_FORGET);
    }
    execution.noteCut(model, "forget", forget);
    Optional<Model> reference =
        method.needsReference(settings) ? Optional.of(model.frozenCopy()) : Optional.empty();
    try {
      return method.unlearn(
          settings,
          new UnlearningTask(
              model,
              reference,
              forget,
              retain,
              spec.seed(),
              new UnlearningTask.Limits(spec.maxSteps(), EVALUATION_BATCH),
              execution.surroundings()));
    } finally {
      reference.ifPresent(Model::close);
    }
  }
}
