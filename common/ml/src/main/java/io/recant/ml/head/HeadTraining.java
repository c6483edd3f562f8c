package io.recant.ml.head;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.core.config.Setting;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.classifier.Perceptron;
import io.recant.ml.train.Optimization;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.StepLoss;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Trains a {@link Perceptron} on vectors that lie in memory: what detection needs many times over,
 * once a fold.
 */
public final class HeadTraining {

  /** The shape of a head and how it is trained. */
  public record Settings(
      @Setting(value = "hidden units", defaultValue = "256", min = 1) int hidden,
      @Setting(
              value = "share of hidden units silenced in training",
              defaultValue = "0.1",
              min = 0,
              max = 0.95)
          double dropout,
      @Setting(
              value = "how the head is trained",
              defaultValue = "{epochs: 12, batch_size: 256, learning_rate: 0.002}")
          OptimizationSettings training) {}

  /** Told after every epoch. */
  @FunctionalInterface
  public interface EpochListener {

    /**
     * @param epoch counted from 0
     * @param head the head as it is now; not the listener's to close
     */
    void epoch(int epoch, Head head);
  }

  private HeadTraining() {}

  /**
   * Trains one head on some of the rows; the caller closes it.
   *
   * @param rows which to learn from
   * @param seed decides the first weights, the order and the dropout
   */
  public static Head run(
      HeadData data, int[] rows, Settings settings, long seed, Device device, EpochListener told) {
    return run(data, rows, Optional.empty(), settings, seed, device, told);
  }

  /**
   * The same where the loss of rows counts by what models that never saw them say about their
   * labels ({@link LossRescaler}).
   *
   * @param evidence of all rows of the data, which has labels and no bags of tokens; none: all
   *     count by the data's weights alone
   */
  public static Head run(
      HeadData data,
      int[] rows,
      Optional<Evidence> evidence,
      Settings settings,
      long seed,
      Device device,
      EpochListener told) {
    SplittableRandom seeds = new SplittableRandom(seed);
    int batchSize = settings.training().batchSize();
    long steps = (long) settings.training().epochs() * ((rows.length + batchSize - 1) / batchSize);
    NDManager manager = Devices.manager(device);
    try {
      Perceptron perceptron =
          Perceptron.create(
              data.dimension(),
              settings.hidden(),
              data.outputs(),
              settings.dropout(),
              seeds.nextLong(),
              manager);
      Dropout dropout = Dropout.seeded(seeds.nextLong());
      Head head = new Head(perceptron, manager);
      Optional<LossRescaler> rescaler =
          evidence.map(known -> new LossRescaler(data, rows, known, steps, seeds.nextLong()));
      int[] order = rows.clone();
      try (Optimization optimization =
          new Optimization(perceptron.parameters(), settings.training(), steps, () -> 0)) {
        for (int epoch = 0; epoch < settings.training().epochs(); epoch++) {
          shuffle(order, seeds);
          for (int from = 0; from < order.length; from += batchSize) {
            int[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + batchSize));
            optimization.step(
                epoch,
                scope -> {
                  float[] weights = data.weights(batch);
                  rescaler.ifPresent(r -> multiply(weights, r.weights(perceptron, batch, scope)));
                  return loss(perceptron, data, batch, weights, dropout, scope);
                });
          }
          told.epoch(epoch, head);
        }
      }
      return head;
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static void shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  private static void multiply(float[] weights, float[] factors) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factors[i];
    }
  }

  /** {@code mean_i w_i l_i}. */
  static StepLoss loss(
      Perceptron perceptron,
      HeadData data,
      int[] rows,
      float[] weights,
      Dropout dropout,
      NDManager scope) {
    NDArray x = scope.create(data.gather(rows), new Shape(rows.length, data.dimension()));
    NDArray losses = crossEntropy(perceptron.logits(x, dropout), data.targets(), rows);
    NDArray w = scope.create(weights);
    return new StepLoss(losses.mul(w).mean(), w);
  }

  /** {@code -sum_k q_k log p_k} of each row: (N), from logits (N, K). */
  static NDArray crossEntropy(NDArray logits, SparseTargets targets, int[] rows) {
    int width = targets.width(rows);
    long[] ids = new long[rows.length * width];
    float[] shares = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      int begin = targets.offsets()[rows[i]];
      int end = targets.offsets()[rows[i] + 1];
      for (int entry = begin; entry < end; entry++) {
        ids[i * width + entry - begin] = targets.ids()[entry];
        shares[i * width + entry - begin] = targets.shares()[entry];
      }
    }
    NDManager scope = logits.getManager();
    Shape shape = new Shape(rows.length, width);
    return logits
        .logSoftmax(-1)
        .gather(scope.create(ids, shape), 1)
        .mul(scope.create(shares, shape))
        .sum(new int[] {1})
        .neg();
  }
}
