package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;

/**
 * Draws the last layers anew and trains them on the retain set only: what was bad is gone from
 * them, and stays in the others (EU-k).
 */
public final class ExactForgetting implements UnlearningMethod<ExactForgetting.Settings> {

  /** Defaults for small models. */
  public record Settings(
      @Setting(
              value = "how many layers from the last, weights of one name up to its last dot",
              defaultValue = "1",
              min = 1)
          int layers,
      @Setting(
              value = "steps over the retain set",
              defaultValue = "{epochs: 5, batch_size: 64, learning_rate: 0.001}")
          OptimizationSettings training) {}

  @Override
  public String name() {
    return "eu-k";
  }

  @Override
  public String summary() {
    return "Draws the last layers anew and trains them on the retain set; the others stay as they are.";
  }

  @Override
  public String source() {
    return "Goel et al., 2022: Towards Adversarial Evaluations for Inexact Machine Unlearning";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    try (LastLayers last = new LastLayers(task.model(), settings.layers())) {
      FreshWeights.mixInto(last, 0, task.seed(), name());
      return new FineTune()
          .unlearn(new FineTune.Settings(settings.training(), 0, 0), task.withModel(last));
    }
  }
}
