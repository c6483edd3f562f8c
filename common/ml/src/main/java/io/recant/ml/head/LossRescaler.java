package io.recant.ml.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.model.classifier.Perceptron;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Learns, while a head trains, how much each row's loss should count: {@code w_i = sigmoid(theta .
 * f_i)}, with f_i what models that never saw row i say about its label ({@link Evidence}). Before
 * every step
 *
 * <ol>
 *   <li>it draws a validation batch V itself: rows at random, each taken with probability w_i, none
 *       of them in the batch B to be trained on, so that no label vouches for itself;
 *   <li>it asks how much a small step on row i of B would lower the mean loss of V: the inner
 *       product of both gradients, {@code a_i = mean_v (1 + h_i . h_v)(d_i . d_v)}, in closed form
 *       for the output layer, with h hidden activations and d = p - onehot(label);
 *   <li>theta climbs the gradient of {@code sum_i w_i a_i / sum_i w_i}, a_i scaled to root mean
 *       square 1;
 *   <li>B is trained on with weights of mean 1.
 * </ol>
 *
 * <p>After STORM (Self-Taught On-the-fly Meta Loss Rescaling, 2024) and the one-step look-ahead of
 * Ren et al. (ICML 2018). What differs: the evidence comes from out-of-fold models of an earlier
 * round and not from the network in training, which soon knows its labels by heart; the look-ahead
 * is the output layer's; the rescaler is logistic and starts at w_i = the probability that the
 * label is right, as the evidence has it: then a weak model, which misses many right labels, does
 * not take the loss of hard rows away.
 *
 * <p>It owns no native memory. For one thread.
 */
final class LossRescaler {

  private static final double MOST_RATE = 0.03;

  /**
   * The sum of all rates: theta moves as far whatever the number of rows and epochs. Once a head
   * has learned the right labels, only wrong ones still pull at it, and pull the same way; a theta
   * free to follow them for thousands of steps comes to prefer wrong labels.
   */
  private static final double TRAVEL = 13.5;

  private final HeadData data;
  private final int[] rows;
  private final Evidence evidence;
  private final SplittableRandom random;
  private final double rate;
  private final double[] theta = new double[Evidence.WIDTH];

  /**
   * @param rows those learned from
   * @param evidence of all rows of the data
   * @param steps how many batches will be asked about
   */
  LossRescaler(HeadData data, int[] rows, Evidence evidence, long steps, long seed) {
    this.data = data;
    this.rows = rows.clone();
    this.evidence = evidence.centred(data.targets(), rows, data.outputs());
    random = new SplittableRandom(seed);
    theta[Evidence.LOG_ODDS] = 1;
    rate = Math.min(MOST_RATE, TRAVEL / steps);
  }

  /** The weights of a batch, mean 1, once theta has learned from it. */
  float[] weights(Perceptron perceptron, int[] batch, NDManager scope) {
    double[] raw = raw(batch);
    learn(batch, raw, alignments(perceptron, batch, drawn(batch), scope));
    raw = raw(batch);
    double mean = Math.max(1e-12, Arrays.stream(raw).average().orElse(1));
    float[] weights = new float[batch.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (raw[i] / mean);
    }
    return weights;
  }

  /** theta. */
  double[] parameters() {
    return theta.clone();
  }

  private double[] raw(int[] batch) {
    double[] raw = new double[batch.length];
    Arrays.setAll(raw, i -> evidence.weight(batch[i], theta));
    return raw;
  }

  /** As many rows as the batch has, fewer where hardly any other is trusted. */
  private int[] drawn(int[] batch) {
    BitSet taken = new BitSet(data.rows());
    for (int row : batch) {
      taken.set(row);
    }
    int[] drawn = new int[batch.length];
    int found = 0;
    for (int tries = 0; tries < 20 * batch.length && found < drawn.length; tries++) {
      int row = rows[random.nextInt(rows.length)];
      if (random.nextDouble() < evidence.weight(row, theta) && !taken.get(row)) {
        drawn[found++] = row;
      }
    }
    return Arrays.copyOf(drawn, found);
  }

  /** a_i of each row of the batch; zero where nothing was drawn. */
  double[] alignments(Perceptron perceptron, int[] batch, int[] drawn, NDManager scope) {
    double[] alignments = new double[batch.length];
    if (drawn.length == 0) {
      return alignments;
    }
    try (GradMode off = GradMode.inference();
        NDManager own = scope.newSubManager()) {
      Side one = side(perceptron, batch, own);
      Side other = side(perceptron, drawn, own);
      NDArray nearness = one.hidden().matMul(other.hidden().transpose()).add(1);
      NDArray agreement = one.residual().matMul(other.residual().transpose());
      float[] means = nearness.mul(agreement).mean(new int[] {1}).toFloatArray();
      Arrays.setAll(alignments, i -> means[i]);
    }
    return alignments;
  }

  private record Side(NDArray hidden, NDArray residual) {}

  private Side side(Perceptron perceptron, int[] batch, NDManager scope) {
    NDArray x = scope.create(data.gather(batch), new Shape(batch.length, data.dimension()));
    NDArray hidden = perceptron.hidden(x);
    float[] residual = perceptron.output(hidden).softmax(-1).toFloatArray();
    for (int i = 0; i < batch.length; i++) {
      residual[i * data.outputs() + data.targets().label(batch[i])] -= 1;
    }
    return new Side(hidden, scope.create(residual, new Shape(batch.length, data.outputs())));
  }

  /** The gradient of the weighted mean of the alignments with respect to theta. */
  private void learn(int[] batch, double[] raw, double[] alignments) {
    double square = Arrays.stream(alignments).map(a -> a * a).average().orElse(0);
    double all = Arrays.stream(raw).sum();
    if (square <= 0 || all <= 0) {
      return;
    }
    double scale = 1 / Math.sqrt(square);
    double mean = 0;
    for (int i = 0; i < batch.length; i++) {
      mean += raw[i] * alignments[i] * scale / all;
    }
    for (int i = 0; i < batch.length; i++) {
      double slope = (alignments[i] * scale - mean) * raw[i] * (1 - raw[i]) / all;
      for (int f = 0; f < theta.length; f++) {
        theta[f] += rate * slope * evidence.get(batch[i], f);
      }
    }
  }
}
