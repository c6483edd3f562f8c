package io.recant.ml.unlearn;

import static io.recant.ml.TaughtLanguageModel.FORGET;
import static io.recant.ml.TaughtLanguageModel.RETAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.recant.core.error.ConfigException;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.LogEntry;
import io.recant.ml.train.OptimizationSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model of two layers is to lose what its first layer makes of one definition. */
class RepresentationMisdirectionTest {

  private static final int SEED = 7;
  private static final double STEERING = 3;

  @TempDir Path directory;
  private final List<LogEntry> log = new ArrayList<>();
  private Model model;

  @BeforeEach
  void teach() throws Exception {
    model = TaughtLanguageModel.of(directory, "");
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** Activations by position of the first layer. */
  private double[][] activations(List<Example> examples) {
    try (GradMode off = GradMode.inference();
        NDManager scope = model.parameters().trainable().get(0).getManager().newSubManager()) {
      Batch batch = model.encode(examples, scope);
      float[] values = model.activations(batch, 1).toFloatArray();
      float[] mask = batch.mask().toFloatArray();
      int width = values.length / mask.length;
      List<double[]> positions = new ArrayList<>();
      for (int i = 0; i < mask.length; i++) {
        double[] own = new double[width];
        for (int d = 0; d < width; d++) {
          own[d] = values[i * width + d];
        }
        if (mask[i] > 0) {
          positions.add(own);
        }
      }
      return positions.toArray(double[][]::new);
    }
  }

  private static double distance(double[][] activations, double[][] wanted) {
    double sum = 0;
    for (int i = 0; i < activations.length; i++) {
      for (int d = 0; d < activations[i].length; d++) {
        double difference = activations[i][d] - wanted[i][d];
        sum += difference * difference / activations[i].length / activations.length;
      }
    }
    return sum;
  }

  private static double[][] point(double[][] like) {
    double[][] points = new double[like.length][];
    for (int i = 0; i < like.length; i++) {
      float[] point = RepresentationMisdirection.point(SEED, like[i].length, STEERING);
      points[i] = new double[point.length];
      for (int d = 0; d < point.length; d++) {
        points[i][d] = point[d];
      }
    }
    return points;
  }

  private UnlearningResult unlearn(int epochs, double learningRate, int layer) {
    RepresentationMisdirection method = new RepresentationMisdirection();
    try (Model reference = model.frozenCopy()) {
      return method.unlearn(
          new RepresentationMisdirection.Settings(
              new OptimizationSettings(epochs, 4, learningRate, 0, 0, Decay.CONSTANT, 1, 10),
              Optional.of(layer),
              STEERING,
              1,
              1,
              Optional.of(50.0)),
          new UnlearningTask(
              model,
              Optional.of(reference),
              Examples.of(FORGET),
              Examples.of(RETAIN),
              SEED,
              log::add,
              UnlearningTask.Limits.none(),
              () -> 0));
    }
  }

  /** A published bug draws the point anew each step: then losses differ where nothing moves. */
  @Test
  void everyStepSteersToTheSamePointOfTheLengthAskedFor() {
    double[][] start = activations(FORGET);
    double expected = distance(start, point(start));
    unlearn(3, 1e-12, 1);
    assertThat(log).hasSize(3);
    for (LogEntry entry : log) {
      assertThat(entry.loss()).isCloseTo(expected, within(1e-4));
    }
    float[] u = RepresentationMisdirection.point(SEED, 32, STEERING);
    double squares = 0;
    for (float x : u) {
      assertThat(x).isNotNegative();
      squares += (double) x * x;
    }
    assertThat(Math.sqrt(squares)).isCloseTo(STEERING, within(1e-5));
  }

  @Test
  void forgetActivationsGoToThePointAndRetainActivationsStay() {
    double[][] forget = activations(FORGET);
    double[][] retain = activations(RETAIN);
    double before = distance(forget, point(forget));
    unlearn(60, 0.003, 1);
    assertThat(distance(activations(FORGET), point(forget))).isLessThan(0.3 * before);
    assertThat(distance(activations(RETAIN), retain)).isLessThan(0.1 * before);
    double lost = log.get(log.size() - 1).forgetLoss().orElseThrow();
    double held = log.get(log.size() - 1).retainLoss().orElseThrow();
    assertThat(lost).isGreaterThan(log.get(0).forgetLoss().orElseThrow() + 1);
    assertThat(held).isLessThan(lost);
  }

  @Test
  void layersAboveAreLeftAsTheyWere() {
    try (Model start = model.frozenCopy()) {
      unlearn(3, 0.003, 1);
      int moved = 0;
      for (Parameter parameter : model.parameters()) {
        boolean same =
            Arrays.equals(
                parameter.value().toFloatArray(),
                start.parameters().get(parameter.name()).toFloatArray());
        if (parameter.name().contains(".layers.1.")
            || parameter.name().equals("model.norm.weight")) {
          assertThat(same).as(parameter.name()).isTrue();
        }
        moved += same ? 0 : 1;
      }
      assertThat(moved).isGreaterThan(5);
    }
  }

  @Test
  void aLayerThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> unlearn(1, 0.001, 3))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("1 to 2");
  }
}
