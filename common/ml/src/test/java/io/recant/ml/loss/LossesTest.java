package io.recant.ml.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two examples of three positions over four answers; the second has one target position less. */
class LossesTest {

  private static final int N = 2;
  private static final int T = 3;
  private static final int V = 4;
  private static final Shape LOGITS = new Shape(N, T, V);
  private static final int[] LABELS = {1, 3, 0, 2, 2, 1};
  private static final int[] MASK = {0, 1, 1, 0, 1, 0};
  private static final double[] WEIGHTS = {0.5, 2};

  private final NDManager manager = Devices.manager(TestDevice.get());
  private final NDArray labels = manager.create(new long[] {1, 3, 0, 2, 2, 1}, new Shape(N, T));
  private final NDArray mask = manager.create(new float[] {0, 1, 1, 0, 1, 0}, new Shape(N, T));
  private final NDArray weights = manager.create(new float[] {0.5f, 2});

  @AfterEach
  void close() {
    manager.close();
  }

  private static double loss(double[] z, int position) {
    return -GradientCheck.logSoftmax(z, position * V, V, 1)[LABELS[position]];
  }

  private static double sequence(double[] z, int example) {
    double sum = 0;
    for (int t = 0; t < T; t++) {
      sum += MASK[example * T + t] * loss(z, example * T + t);
    }
    return sum;
  }

  @Test
  void meanTokenLoss() {
    GradientCheck.hold(
        z -> TokenLoss.mean(z, labels, mask, weights),
        z -> (WEIGHTS[0] * sequence(z, 0) + WEIGHTS[1] * sequence(z, 1)) / 3,
        GradientCheck.normal(N * T * V, 1),
        LOGITS);
  }

  @Test
  void noTargetIsNoLoss() {
    NDArray none = manager.zeros(new Shape(N, T));
    NDArray logits = manager.ones(LOGITS);
    assertThat(TokenLoss.mean(logits, labels, none, weights).getFloat()).isZero();
  }

  @Test
  void hugeLogitsStayFinite() {
    NDArray logits = manager.create(new float[] {1e4f, -1e4f, 0, 0}, new Shape(1, 1, V));
    NDArray label = manager.create(new long[] {1}, new Shape(1, 1));
    assertThat(TokenLoss.logProbabilities(logits, label).toFloatArray()).containsExactly(-2e4f);
  }

  @Test
  void unlikelihood() {
    GradientCheck.hold(
        z -> TokenLoss.mean(Unlikelihood.perPosition(z, labels), mask, weights),
        z -> {
          double sum = 0;
          for (int i = 0; i < N * T; i++) {
            sum -= MASK[i] * WEIGHTS[i / T] * Math.log1p(-Math.exp(-loss(z, i)));
          }
          return sum / 3;
        },
        GradientCheck.normal(N * T * V, 12),
        LOGITS);
  }

  @Test
  void candidateLikelihood() {
    float[] candidates = new float[N * T * V];
    for (int i = 0; i < candidates.length; i++) {
      candidates[i] = i % 5 == 0 ? (float) CandidateLikelihood.RULED_OUT : -0.3f * i;
    }
    NDArray logCandidates = manager.create(candidates, LOGITS);
    GradientCheck.hold(
        z -> TokenLoss.mean(CandidateLikelihood.perPosition(z, logCandidates), mask, weights),
        z -> {
          double sum = 0;
          for (int i = 0; i < N * T; i++) {
            double all = 0;
            double possible = 0;
            for (int y = 0; y < V; y++) {
              all += Math.exp(z[i * V + y]);
              possible += Math.exp(candidates[i * V + y] + z[i * V + y]);
            }
            sum += MASK[i] * WEIGHTS[i / T] * Math.log(all / possible);
          }
          return sum / 3;
        },
        GradientCheck.normal(N * T * V, 13),
        LOGITS);
  }

  /** 1 - p is 0 in single precision here, and the gradient of its logarithm is lost. */
  @Test
  void whatIsKnownByHeartIsStillMadeUnlikely() {
    NDArray label = manager.create(new long[] {1}, new Shape(1, 1));
    NDArray logits = manager.create(new float[] {0, 40, 0, 0}, new Shape(1, 1, V));
    logits.setRequiresGradient(true);
    try (GradMode on = GradMode.training()) {
      NDArray loss = Unlikelihood.perPosition(logits, label);
      assertThat(loss.getFloat()).isEqualTo((float) (40 - Math.log(3)), within(1e-4f));
      Autograd.backward(loss);
    }
    assertThat(Autograd.gradient(logits, manager).toFloatArray()[1]).isEqualTo(1, within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1, 4})
  void negativePreference(double beta) {
    double[] start = {2.5, 0.3};
    GradientCheck.hold(
        z ->
            NegativePreference.perExample(
                    TokenLoss.sequence(z, labels, mask),
                    manager.create(new float[] {2.5f, 0.3f}),
                    beta)
                .mean(),
        z -> {
          double total = 0;
          for (int i = 0; i < N; i++) {
            double shift = beta * (sequence(z, i) - start[i]);
            total += -2 / beta * Math.log(1 / (1 + Math.exp(-shift)));
          }
          return total / N;
        },
        GradientCheck.normal(N * T * V, 2),
        LOGITS);
  }

  @Test
  void negativePreferenceFadesAsTheTargetIsForgotten() {
    NDArray losses = manager.create(new float[] {1, 100});
    NDArray start = manager.create(new float[] {1, 1});
    float[] values = NegativePreference.perExample(losses, start, 0.1).toFloatArray();
    assertThat((double) values[0]).isCloseTo(20 * Math.log(2), within(1e-4));
    assertThat((double) values[1]).isBetween(0.0, 0.01);
  }

  /** Weights are numbers: the slope is that of the formula with them as they are at the start. */
  @Test
  void weightedAscent() {
    double[] start = GradientCheck.normal(N * T * V, 5);
    double[] fixed = new double[N * T];
    for (int position = 0; position < fixed.length; position++) {
      double p = Math.exp(-loss(start, position));
      fixed[position] = Math.pow(p, 2) * Math.pow(1 - p, 0.5);
    }
    GradientCheck.hold(
        z -> WeightedAscent.of(z, labels, mask, weights, 2, 0.5),
        z -> {
          double total = 0;
          for (int position = 0; position < fixed.length; position++) {
            total -= MASK[position] * WEIGHTS[position / T] * fixed[position] * loss(z, position);
          }
          return total / 3;
        },
        start,
        LOGITS);
  }

  @Test
  void weightedAscentWithoutWeightsIsGradientAscent() {
    NDArray logits = manager.arange(24f).reshape(LOGITS);
    assertThat(WeightedAscent.of(logits, labels, mask, weights, 0, 0).getFloat())
        .isEqualTo(-TokenLoss.mean(logits, labels, mask, weights).getFloat());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 10})
  void adjustedDistillation(double beta) {
    double[] reference = GradientCheck.normal(N * T * V, 6);
    float[] frozen = new float[reference.length];
    for (int i = 0; i < frozen.length; i++) {
      frozen[i] = (float) reference[i];
      reference[i] = frozen[i];
    }
    for (int position = 0; position < N * T; position++) {
      reference[position * V + LABELS[position]] -= beta;
    }
    GradientCheck.hold(
        z ->
            TokenLoss.mean(
                AdjustedDistillation.perPosition(manager.create(frozen, LOGITS), z, labels, beta),
                mask,
                weights),
        z -> {
          double total = 0;
          for (int position = 0; position < N * T; position++) {
            double[] q = GradientCheck.logSoftmax(reference, position * V, V, 1);
            double[] p = GradientCheck.logSoftmax(z, position * V, V, 1);
            for (int k = 0; k < V; k++) {
              total -= MASK[position] * WEIGHTS[position / T] * Math.exp(q[k]) * p[k];
            }
          }
          return total / 3;
        },
        GradientCheck.normal(N * T * V, 7),
        LOGITS);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 5})
  void divergence(double temperature) {
    double[] reference = GradientCheck.normal(N * T * V, 3);
    float[] frozen = new float[reference.length];
    for (int i = 0; i < frozen.length; i++) {
      frozen[i] = (float) reference[i];
    }
    GradientCheck.hold(
        z ->
            TokenLoss.mean(
                Divergence.perPosition(manager.create(frozen, LOGITS), z, temperature),
                mask,
                weights),
        z -> {
          double total = 0;
          for (int position = 0; position < N * T; position++) {
            double[] q = GradientCheck.logSoftmax(reference, position * V, V, temperature);
            double[] p = GradientCheck.logSoftmax(z, position * V, V, temperature);
            double sum = 0;
            for (int k = 0; k < V; k++) {
              sum += Math.exp(q[k]) * (q[k] - p[k]);
            }
            total += MASK[position] * WEIGHTS[position / T] * sum * temperature * temperature;
          }
          return total / 3;
        },
        GradientCheck.normal(N * T * V, 4),
        LOGITS);
  }

  @Test
  void aModelDoesNotDivergeFromItself() {
    NDArray logits = manager.arange(24f).reshape(LOGITS);
    for (float value : Divergence.perPosition(logits, logits, 2).toFloatArray()) {
      assertThat(value).isCloseTo(0, within(1e-5f));
    }
  }
}
