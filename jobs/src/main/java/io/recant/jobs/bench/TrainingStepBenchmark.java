package io.recant.jobs.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.config.Setting;
import io.recant.core.error.StepException;
import io.recant.jobs.bench.StepTimes.Step;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.safetensors.SafetensorsWriter;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.unlearn.GradientDifference;
import io.recant.ml.unlearn.RetainTerm;
import io.recant.ml.unlearn.UnlearningTask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * One step of gradient difference on a decoder of five million parameters, 32 sequences of 128
 * tokens forget and retain each, against the same step in plain PyTorch: same weights, same
 * batches, same loss, AdamW, clipping, as many threads. Blocks of either side take turns, and
 * medians are compared. Our step begins with texts, theirs with ids.
 *
 * <p>Threads are those of {@code -Dai.djl.pytorch.num_threads}, which {@code RECANT_JAVA_OPTS}
 * sets.
 */
public final class TrainingStepBenchmark implements Benchmark<TrainingStepBenchmark.Settings> {

  private static final CausalSettings SHAPE = new CausalSettings(256, 688, 5, 8, 8, 130, true);
  private static final DrawnText TEXT = new DrawnText(4096);

  /** Beginning, prompt, separator and these are 128 tokens; the end is only predicted. */
  private static final int TARGET_WORDS = 125;

  private static final double LEARNING_RATE = 1e-4;
  private static final double TOLERANCE = 1e-3;
  private static final StructType TIMES =
      StructType.fromDDL(
          "side string, threads int, steps int, median_ms double, p10_ms double, p90_ms double,"
              + " ratio double, cpu_median_ms double, cpu_ratio double");

  /** Settings of {@code training-step}. */
  public record Settings(
      @Setting(
              value = "A Python interpreter with torch; without one only our side is measured",
              defaultValue = "null")
          Optional<String> python,
      @Setting(value = "Sequences of a batch, forget and retain each", defaultValue = "32", min = 1)
          int sequences,
      @Setting(value = "Blocks of each side", defaultValue = "6", min = 1) int blocks,
      @Setting(value = "Steps of a block; the first is not counted", defaultValue = "9", min = 2)
          int steps) {}

  @Override
  public String name() {
    return "training-step";
  }

  @Override
  public String summary() {
    return "Time of one optimisation step against the same step in plain PyTorch.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    int threads = Integer.getInteger("ai.djl.pytorch.num_threads", 1);
    Path folder = context.scratch();
    List<Example> forget = TEXT.pairs(settings.sequences(), TARGET_WORDS, context.seed());
    List<Example> retain = TEXT.pairs(settings.sequences(), TARGET_WORDS, context.seed() + 1);
    StepTimes ours = new StepTimes();
    StepTimes theirs = new StepTimes();
    try (CausalModel model = TEXT.model(folder, SHAPE, context.seed())) {
      context.note(
          String.format(
              Locale.ROOT, "%,d parameters, %d threads", model.parameters().size(), threads));
      model.save(folder);
      writeBatches(folder.resolve("batches.safetensors"), model, forget, retain);
      if (settings.python().isEmpty()) {
        context.note("only our side: name an interpreter that has torch with --set python=PATH");
        for (int i = 0; i < settings.blocks(); i++) {
          ours.addBlock(block(model, forget, retain, settings));
        }
      } else {
        try (PlainPyTorch python = new PlainPyTorch(settings.python().get(), folder, threads)) {
          context.note("against torch " + python.version());
          for (int i = 0; i < settings.blocks(); i++) {
            StepTimes own = block(model, forget, retain, settings);
            StepTimes other = python.steps(settings.steps());
            checkLosses(own.steps(), other.steps());
            ours.addBlock(own);
            theirs.addBlock(other);
          }
        }
      }
    }
    List<Row> rows = new ArrayList<>();
    rows.add(row("recant", threads, ours, theirs));
    if (settings.python().isPresent()) {
      rows.add(row("pytorch", threads, theirs, theirs));
    }
    context.table("training_step", context.spark().createDataFrame(rows, TIMES));
  }

  private static Row row(String side, int threads, StepTimes times, StepTimes against) {
    double median = times.quantile(0.5, Step::seconds);
    double cpu = times.quantile(0.5, Step::cpuSeconds);
    boolean compared = !against.steps().isEmpty();
    return RowFactory.create(
        side,
        threads,
        times.steps().size(),
        1e3 * median,
        1e3 * times.quantile(0.1, Step::seconds),
        1e3 * times.quantile(0.9, Step::seconds),
        compared ? median / against.quantile(0.5, Step::seconds) : null,
        1e3 * cpu,
        compared ? cpu / against.quantile(0.5, Step::cpuSeconds) : null);
  }

  private static StepTimes block(
      CausalModel model, List<Example> forget, List<Example> retain, Settings settings) {
    StepTimes times = new StepTimes();
    double[] last = {System.nanoTime() / 1e9, ProcessTime.cpuSeconds()};
    new GradientDifference()
        .unlearn(
            new GradientDifference.Settings(
                new OptimizationSettings(
                    settings.steps(),
                    settings.sequences(),
                    LEARNING_RATE,
                    0,
                    0,
                    Decay.CONSTANT,
                    1,
                    1),
                1,
                1,
                RetainTerm.LIKELIHOOD,
                Optional.of(Double.POSITIVE_INFINITY)),
            new UnlearningTask(
                model,
                Optional.empty(),
                Examples.of(forget),
                Examples.of(retain),
                0,
                entry -> {
                  double now = System.nanoTime() / 1e9;
                  double cpu = ProcessTime.cpuSeconds();
                  times.add(new Step(entry.loss(), now - last[0], cpu - last[1]));
                  last[0] = now;
                  last[1] = cpu;
                },
                new UnlearningTask.Limits(settings.steps(), settings.sequences()),
                System::nanoTime));
    return times;
  }

  private static void writeBatches(
      Path file, CausalModel model, List<Example> forget, List<Example> retain) {
    try (NDManager scope = Devices.manager(model.device())) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      Map.of("forget", forget, "retain", retain)
          .forEach(
              (part, examples) -> {
                Batch batch = model.encode(examples, scope);
                arrays.put(part + ".ids", batch.inputs().get(0));
                arrays.put(part + ".positions", batch.inputs().get(1));
                arrays.put(part + ".labels", batch.labels());
                arrays.put(part + ".mask", batch.mask());
              });
      SafetensorsWriter.write(file, arrays, Map.of());
    }
  }

  private static void checkLosses(List<Step> ours, List<Step> theirs) {
    for (int i = 0; i < ours.size(); i++) {
      double own = ours.get(i).loss();
      double other = theirs.get(i).loss();
      if (!(Math.abs(own - other) <= TOLERANCE * (1 + Math.abs(other)))) {
        throw new StepException(
            String.format(
                Locale.ROOT,
                "step %d: our loss is %.6f, PyTorch's is %.6f: the two are not the same model",
                i,
                own,
                other));
      }
    }
  }
}
