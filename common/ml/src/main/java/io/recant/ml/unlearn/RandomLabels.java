package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;
import java.util.SplittableRandom;

/** Trains the forget inputs on answers drawn anew each step, each of the others alike. */
public final class RandomLabels extends ForgetRetainMethod<RandomLabels.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "random-labels";
  }

  @Override
  public String summary() {
    return "Teaches random answers to the forget set; for classifiers a strong and cheap baseline.";
  }

  @Override
  public String source() {
    return "Golatkar et al., 2020, CVPR; Yao et al., 2024: Large Language Model Unlearning";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    int answers = task.model().vocabularySize();
    return (minibatch, batch, logits, meanLoss) -> {
      long[] labels = batch.labels().toLongArray();
      int positions = labels.length / minibatch.size();
      for (int row = 0; row < minibatch.size() && answers > 1; row++) {
        SplittableRandom random =
            new SplittableRandom(minibatch.seed() + minibatch.positions()[row]);
        for (int at = row * positions; at < (row + 1) * positions; at++) {
          long other = random.nextInt(answers - 1);
          labels[at] = other < labels[at] ? other : other + 1;
        }
      }
      NDArray drawn = logits.getManager().create(labels, batch.labels().getShape());
      return TokenLoss.mean(logits, drawn, batch.forgetMask(), batch.weights());
    };
  }
}
