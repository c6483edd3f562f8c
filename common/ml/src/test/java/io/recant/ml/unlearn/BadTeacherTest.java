package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.Clusters;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.GradientCheck;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.LogEntry;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two teachers: one that knows nothing for what is to be forgotten, the start for the rest. */
class BadTeacherTest {

  private static final int SEED = 7;

  @TempDir Path directory;
  private final List<LogEntry> log = new ArrayList<>();

  @Test
  void theForgetTermIsTheDivergenceFromTheTeacher() throws Exception {
    try (Model model = TaughtLanguageModel.of(directory, "");
        Model teacher = model.untrained(SEED);
        NDManager scope = Devices.manager(TestDevice.get())) {
      Batch batch = model.encode(TaughtLanguageModel.FORGET, scope);
      double[] q = logits(teacher, TaughtLanguageModel.FORGET);
      double[] z = logits(model, TaughtLanguageModel.FORGET);
      int positions = batch.mask().toFloatArray().length;
      int answers = z.length / positions;
      for (double temperature : new double[] {1, 3}) {
        GradientCheck.hold(
            logits -> RetainTerm.divergence(teacher, batch, batch.mask(), logits, temperature),
            logits -> divergence(q, logits, answers, temperature) * temperature * temperature,
            z,
            new Shape(1, positions, answers));
      }
    }
  }

  @Test
  void aLanguageModelForgetsTowardsTheTeacher() throws Exception {
    try (Model model = TaughtLanguageModel.of(directory, "")) {
      forgetsTowardsTheTeacher(
          model, TaughtLanguageModel.FORGET, TaughtLanguageModel.RETAIN, 60, 0.003);
    }
  }

  @Test
  void aClassifierForgetsTowardsTheTeacher() {
    List<Example> rows = Clusters.examples(200, 1);
    List<Example> forget = rows.stream().filter(e -> e.target().equals("c0")).toList();
    List<Example> retain = rows.stream().filter(e -> !e.target().equals("c0")).toList();
    try (Model model = Clusters.model(0)) {
      Training.run(
          model,
          Examples.of(rows),
          new OptimizationSettings(20, 32, 0.01, 0, 0, Decay.LINEAR, 1, 1000),
          1,
          e -> {},
          () -> 0);
      forgetsTowardsTheTeacher(model, forget, retain, 60, 0.003);
      assertThat(Clusters.accuracy(model, retain)).isGreaterThan(0.9);
    }
  }

  private void forgetsTowardsTheTeacher(
      Model model, List<Example> forget, List<Example> retain, int epochs, double learningRate) {
    try (Model start = model.frozenCopy();
        Model teacher = BadTeacher.incompetent(task(model, start, forget, retain))) {
      double before = divergence(teacher, model, forget);
      new BadTeacher()
          .unlearn(
              new BadTeacher.Settings(
                  new OptimizationSettings(epochs, 64, learningRate, 0, 0, Decay.CONSTANT, 1, 1000),
                  1,
                  1,
                  1,
                  Optional.of(50.0)),
              task(model, start, forget, retain));
      assertThat(log.get(0).loss())
          .as("at first, and nothing of the start's")
          .isCloseTo(before, within(1e-3 * before));
      assertThat(divergence(teacher, model, forget)).isLessThan(0.2 * before);
      assertThat(divergence(start, model, retain)).isLessThan(0.05 * before);
    }
  }

  @Test
  void anUntrainedTwinHasTheShapeAndNotTheWeights() throws Exception {
    try (Model language = TaughtLanguageModel.of(directory, "");
        Model classifier = Clusters.model(0)) {
      for (Model model : List.of(language, classifier)) {
        try (Model twin = model.untrained(SEED);
            Model same = model.untrained(SEED);
            Model other = model.untrained(SEED + 1)) {
          for (Parameter parameter : model.parameters()) {
            float[] values = twin.parameters().get(parameter.name()).toFloatArray();
            assertThat(same.parameters().get(parameter.name()).toFloatArray())
                .containsExactly(values);
            if (parameter.value().getShape().dimension() > 1) {
              assertThat(values)
                  .hasSize((int) parameter.value().size())
                  .isNotEqualTo(parameter.value().toFloatArray())
                  .isNotEqualTo(other.parameters().get(parameter.name()).toFloatArray());
            }
          }
        }
      }
    }
  }

  @Test
  void theTeacherIsFreedWithTheUnlearning() {
    try (Model model = Clusters.model(0);
        Model start = model.frozenCopy()) {
      var manager = model.parameters().get("dense.bias").getManager();
      int arrays = manager.getManagedArrays().size();
      int managers = manager.getParentManager().getManagedArrays().size();
      List<Example> rows = Clusters.examples(8, 1);
      UnlearningTask task = task(model, start, rows, rows);
      new BadTeacher()
          .unlearn(
              new BadTeacher.Settings(
                  new OptimizationSettings(2, 4, 0.001, 0, 0, Decay.CONSTANT, 1, 10),
                  1,
                  1,
                  1,
                  Optional.empty()),
              task);
      assertThat(manager.getManagedArrays()).hasSize(arrays);
      assertThat(manager.getParentManager().getManagedArrays()).hasSize(managers);
    }
  }

  private UnlearningTask task(
      Model model, Model start, List<Example> forget, List<Example> retain) {
    return new UnlearningTask(
        model,
        Optional.of(start),
        Examples.of(forget),
        Examples.of(retain),
        SEED,
        log::add,
        UnlearningTask.Limits.none(),
        () -> 0);
  }

  private static double[] logits(Model model, List<Example> examples) {
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(TestDevice.get())) {
      float[] values = model.logits(model.encode(examples, scope)).toFloatArray();
      double[] logits = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        logits[i] = values[i];
      }
      return logits;
    }
  }

  /** The mean over target positions, in double precision. */
  private static double divergence(Model from, Model to, List<Example> examples) {
    double sum = 0;
    int positions = 0;
    for (Example example : examples) {
      double[] q = logits(from, List.of(example));
      int own = q.length / from.vocabularySize();
      sum += own * divergence(q, logits(to, List.of(example)), from.vocabularySize(), 1);
      positions += own;
    }
    return sum / positions;
  }

  private static double divergence(double[] q, double[] z, int answers, double temperature) {
    double sum = 0;
    for (int at = 0; at < q.length; at += answers) {
      double[] logQ = GradientCheck.logSoftmax(q, at, answers, temperature);
      double[] logP = GradientCheck.logSoftmax(z, at, answers, temperature);
      for (int k = 0; k < answers; k++) {
        sum += Math.exp(logQ[k]) * (logQ[k] - logP[k]);
      }
    }
    return sum / (q.length / answers);
  }
}
