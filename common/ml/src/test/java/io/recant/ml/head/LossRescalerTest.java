package io.recant.ml.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.classifier.Perceptron;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossRescalerTest {

  private static final int DIMENSION = 5;
  private static final int HIDDEN = 7;
  private static final int CLASSES = 3;
  private static final double STEP = 1e-3;

  /**
   * Two columns decide the class; the others are noise. Rows below {@code wrong} are mislabelled.
   */
  private static HeadData data(int rows, int wrong, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] vectors = new float[rows * DIMENSION];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      int truth = i % CLASSES;
      for (int d = 0; d < DIMENSION; d++) {
        double centre = d < CLASSES && d == truth ? 2 : 0;
        vectors[i * DIMENSION + d] = (float) (centre + 0.7 * random.nextGaussian());
      }
      labels[i] = i < wrong ? (truth + 1) % CLASSES : truth;
    }
    return HeadData.of(vectors, DIMENSION, SparseTargets.labels(labels), CLASSES);
  }

  private static Evidence undecided(int rows, int classes) {
    float[] values = new float[rows * Evidence.WIDTH];
    double[] p = new double[classes];
    Arrays.fill(p, 1.0 / classes);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(Evidence.of(p, 0, 0.5), 0, values, i * Evidence.WIDTH, Evidence.WIDTH);
    }
    return new Evidence(values);
  }

  /** The mean loss of rows under other weights of the output layer. */
  private static double loss(
      HeadData data, int[] rows, double[] w1, double[] b1, double[] w2, double[] b2) {
    double sum = 0;
    for (int row : rows) {
      sum -= Math.log(probabilities(data, row, w1, b1, w2, b2)[data.targets().label(row)]);
    }
    return sum / rows.length;
  }

  private static double[] hidden(HeadData data, int row, double[] w1, double[] b1) {
    double[] h = new double[HIDDEN];
    for (int u = 0; u < HIDDEN; u++) {
      h[u] = b1[u];
      for (int d = 0; d < DIMENSION; d++) {
        h[u] += w1[u * DIMENSION + d] * data.vectors()[row * DIMENSION + d];
      }
      h[u] = Math.max(0, h[u]);
    }
    return h;
  }

  private static double[] probabilities(
      HeadData data, int row, double[] w1, double[] b1, double[] w2, double[] b2) {
    double[] h = hidden(data, row, w1, b1);
    double[] p = new double[CLASSES];
    double sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      double z = b2[k];
      for (int u = 0; u < HIDDEN; u++) {
        z += w2[k * HIDDEN + u] * h[u];
      }
      p[k] = Math.exp(z);
      sum += p[k];
    }
    for (int k = 0; k < CLASSES; k++) {
      p[k] /= sum;
    }
    return p;
  }

  private static double[] doubles(Perceptron perceptron, int index) {
    float[] values = perceptron.parameters().trainable().get(index).toFloatArray();
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  @Test
  void alignmentIsHowFastAStepOnARowLowersTheValidationLoss() {
    HeadData data = data(12, 3, 5);
    int[] batch = {0, 1, 4, 7};
    int[] drawn = {2, 5, 6, 9, 11};
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      Perceptron perceptron = Perceptron.create(DIMENSION, HIDDEN, CLASSES, 0, 3, manager);
      int[] all = IntStream.range(0, 12).toArray();
      LossRescaler rescaler = new LossRescaler(data, all, undecided(12, CLASSES), 1, 1);
      double[] alignments = rescaler.alignments(perceptron, batch, drawn, manager);
      double[] w1 = doubles(perceptron, 0);
      double[] b1 = doubles(perceptron, 1);
      double[] w2 = doubles(perceptron, 2);
      double[] b2 = doubles(perceptron, 3);
      for (int i = 0; i < batch.length; i++) {
        double[] h = hidden(data, batch[i], w1, b1);
        double[] d = probabilities(data, batch[i], w1, b1, w2, b2);
        d[data.targets().label(batch[i])] -= 1;
        double[] ends = new double[2];
        for (int side = 0; side < 2; side++) {
          double eta = side == 0 ? STEP : -STEP;
          double[] moved = w2.clone();
          double[] bias = b2.clone();
          for (int k = 0; k < CLASSES; k++) {
            bias[k] -= eta * d[k];
            for (int u = 0; u < HIDDEN; u++) {
              moved[k * HIDDEN + u] -= eta * d[k] * h[u];
            }
          }
          ends[side] = loss(data, drawn, w1, b1, moved, bias);
        }
        assertThat(alignments[i])
            .as("row %d", batch[i])
            .isCloseTo((ends[1] - ends[0]) / (2 * STEP), within(1e-4));
      }
    }
  }

  @Test
  void weightedLossHasTheGradientOfItsWeights() {
    HeadData data = data(6, 2, 9);
    int[] rows = {0, 2, 5};
    float[] weights = {0.2f, 1.7f, 0};
    try (NDManager manager = Devices.manager(TestDevice.get());
        GradMode on = GradMode.training()) {
      Perceptron perceptron = Perceptron.create(DIMENSION, HIDDEN, CLASSES, 0, 3, manager);
      Autograd.track(perceptron.parameters().trainable());
      Autograd.backward(
          HeadTraining.loss(perceptron, data, rows, weights, Dropout.off(), manager).total());
      float[] gradient =
          Autograd.gradient(perceptron.parameters().trainable().get(2), manager).toFloatArray();
      double[] w1 = doubles(perceptron, 0);
      double[] b1 = doubles(perceptron, 1);
      double[] w2 = doubles(perceptron, 2);
      double[] b2 = doubles(perceptron, 3);
      for (int j = 0; j < w2.length; j++) {
        double slope = 0;
        for (int i = 0; i < rows.length; i++) {
          double[] up = w2.clone();
          double[] down = w2.clone();
          up[j] += STEP;
          down[j] -= STEP;
          int[] one = {rows[i]};
          slope +=
              weights[i]
                  * (loss(data, one, w1, b1, up, b2) - loss(data, one, w1, b1, down, b2))
                  / (2 * STEP)
                  / rows.length;
        }
        assertThat((double) gradient[j]).isCloseTo(slope, within(1e-4));
      }
    }
  }

  @Test
  void wrongLabelsComeToWeighLessAlthoughEvidenceHasNothingAgainstThem() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      LossRescaler rescaler = taught(300, manager);
      assertThat(rescaler.parameters()[4]).isLessThan(-0.1);
      Perceptron perceptron = Perceptron.create(DIMENSION, HIDDEN, CLASSES, 0, 3, manager);
      float[] weights = rescaler.weights(perceptron, new int[] {0, 1, 200, 201}, manager);
      assertThat(weights[0] + weights[1] + weights[2] + weights[3]).isCloseTo(4, within(1e-4f));
      assertThat(weights[0]).isLessThan(weights[2]);
    }
  }

  @Test
  void weightsMoveAsFarInManyStepsAsInFew() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      double few = taught(450, manager).parameters()[4];
      double many = taught(9 * 450, manager).parameters()[4];
      assertThat(many / few).isBetween(0.8, 1.25);
    }
  }

  /** One that saw so many batches. */
  private static LossRescaler taught(int steps, NDManager manager) {
    int rows = 300;
    int wrong = 60;
    HeadData data = data(rows, wrong, 4);
    int[] all = IntStream.range(0, rows).toArray();
    float[] values = new float[rows * Evidence.WIDTH];
    for (int i = 0; i < rows; i++) {
      // The wrong labels differ in the entropy only, which at first has no say.
      float[] own = {1, 0, 0, 0, i < wrong ? 1 : 0};
      System.arraycopy(own, 0, values, i * Evidence.WIDTH, Evidence.WIDTH);
    }
    Perceptron perceptron = Perceptron.create(DIMENSION, HIDDEN, CLASSES, 0, 3, manager);
    LossRescaler rescaler = new LossRescaler(data, all, new Evidence(values), steps, 2);
    assertThat(rescaler.parameters()[4]).isZero();
    for (int step = 0; step < steps; step++) {
      int from = step % 5 * 40;
      int[] batch = IntStream.range(0, 60).map(i -> (from + 5 * i) % rows).toArray();
      rescaler.weights(perceptron, batch, manager);
    }
    return rescaler;
  }

  @Test
  void firstWeightsAreTheProbabilityThatTheLabelIsRight() {
    double[] theta = {0, 1, 0, 0, 0};
    for (double wrong : new double[] {0.1, 0.5, 0.97}) {
      assertThat(new Evidence(Evidence.of(new double[] {0.6, 0.3, 0.1}, 1, wrong)).weight(0, theta))
          .isCloseTo(1 - wrong, within(1e-6));
    }
    assertThat(Evidence.of(new double[] {0, 1}, 0, 1)[1]).isEqualTo(-10);
    assertThat(Evidence.of(new double[] {0, 1}, 1, 0)[1]).isEqualTo(10);
    assertThat((double) Evidence.of(new double[] {0.5, 0.5}, 0, 0)[4]).isCloseTo(1, within(1e-6));
    assertThatThrownBy(() -> new Evidence(new float[7]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void headsTrainedWithEvidenceAgainstWrongLabelsDoNotLearnThem() {
    int rows = 300;
    int wrong = 90;
    HeadData data = data(rows, wrong, 6);
    int[] all = IntStream.range(0, rows).toArray();
    float[] values = new float[rows * Evidence.WIDTH];
    for (int i = 0; i < rows; i++) {
      double[] p = {0.05, 0.05, 0.05};
      p[i % CLASSES] = 0.9;
      float[] own = Evidence.of(p, data.targets().label(i), i < wrong ? 0.95 : 0.05);
      System.arraycopy(own, 0, values, i * Evidence.WIDTH, Evidence.WIDTH);
    }
    HeadTraining.Settings settings =
        new HeadTraining.Settings(
            32, 0, new OptimizationSettings(20, 30, 0.01, 0, 0, Decay.LINEAR, 1, 1));
    double[] learned = new double[2];
    for (int weighted = 0; weighted < 2; weighted++) {
      Optional<Evidence> evidence =
          weighted == 1 ? Optional.of(new Evidence(values)) : Optional.empty();
      try (Head head =
          HeadTraining.run(data, all, evidence, settings, 1, TestDevice.get(), (e, h) -> {})) {
        float[] own = head.labelFit(data, IntStream.range(0, wrong).toArray()).probability();
        for (float p : own) {
          learned[weighted] += p / wrong;
        }
      }
    }
    assertThat(learned[1]).isLessThan(0.5 * learned[0]);
  }
}
