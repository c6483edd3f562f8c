package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.jobs.cells.ProcessMemory;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.unlearn.GradientDifference;
import io.recant.ml.unlearn.RetainTerm;
import io.recant.ml.unlearn.UnlearningTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Resident memory over the steps of one unlearning (gradient difference of a small language model):
 * what grows with the steps is a leak, of the heap or of native memory. Growth is counted from step
 * 100 on, when the engine and the JVM have what they work with.
 */
public final class MemoryBenchmark implements Benchmark<MemoryBenchmark.Settings> {

  private static final int WARM_UP = 100;
  private static final StructType SAMPLES =
      StructType.fromDDL("step bigint, resident_mb double, heap_mb double, growth double");

  /** Settings of {@code memory}. */
  public record Settings(
      @Setting(value = "Optimisation steps", defaultValue = "2000", min = 200) int steps,
      @Setting(value = "Steps between two looks at the memory", defaultValue = "100", min = 1)
          int every,
      @Setting(value = "Examples of a step, forget and retain each", defaultValue = "16", min = 1)
          int batchSize,
      @Setting(value = "Words of a target", defaultValue = "40", min = 1) int targetWords) {}

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String summary() {
    return "Resident memory over the steps of an unlearning: whether it stays flat.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    DrawnText text = new DrawnText(1000);
    CausalSettings shape = new CausalSettings(128, 256, 2, 4, 2, 64, true);
    List<Row> samples = new ArrayList<>();
    double[] start = new double[1];
    try (CausalModel model = text.model(context.scratch(), shape, context.seed())) {
      new GradientDifference()
          .unlearn(
              new GradientDifference.Settings(
                  new OptimizationSettings(
                      settings.steps(), settings.batchSize(), 1e-4, 0, 0, Decay.CONSTANT, 1, 1000),
                  1,
                  1,
                  RetainTerm.LIKELIHOOD,
                  Optional.of(Double.POSITIVE_INFINITY)),
              new UnlearningTask(
                  model,
                  Optional.empty(),
                  Examples.of(pairs(text, settings, context.seed())),
                  Examples.of(pairs(text, settings, context.seed() + 1)),
                  context.seed(),
                  entry -> {
                    long done = entry.step() + 1;
                    if (done % settings.every() == 0 && done >= WARM_UP) {
                      samples.add(sample(done, start));
                    }
                  },
                  new UnlearningTask.Limits(settings.steps(), 64),
                  System::nanoTime));
    }
    context.table("memory", context.spark().createDataFrame(samples, SAMPLES));
    context.note(
        String.format(
            Locale.ROOT,
            "resident memory after step %d grew by %.2f %% at most; wanted is at most 2 %%",
            WARM_UP,
            100 * samples.stream().mapToDouble(row -> row.getDouble(3)).max().orElse(0)));
  }

  /** Four minibatches, so that an epoch has several steps. */
  private static List<Example> pairs(DrawnText text, Settings settings, long seed) {
    return text.pairs(4 * settings.batchSize(), settings.targetWords(), seed);
  }

  private static Row sample(long step, double[] start) {
    double resident = ProcessMemory.resident() / 1048576.0;
    if (start[0] == 0) {
      start[0] = resident;
    }
    Runtime runtime = Runtime.getRuntime();
    double heap = (runtime.totalMemory() - runtime.freeMemory()) / 1048576.0;
    return RowFactory.create(step, resident, heap, resident / start[0] - 1);
  }
}
