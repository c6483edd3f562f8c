package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/** Maximises the forget loss while holding the retain set: {@code -gamma l_f + alpha retain}. */
public final class GradientDifference implements UnlearningMethod<GradientDifference.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = "steps over the forget set",
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0,"
                      + " decay: constant}")
          OptimizationSettings training,
      @Setting(value = "factor of the forget term", defaultValue = "1", min = 0) double gamma,
      @Setting(value = "factor of the retain term", defaultValue = "1", min = 0) double alpha,
      @Setting(
              value = "what holds the retain set: its targets, or the starting model's answers",
              defaultValue = "likelihood")
          RetainTerm retainTerm,
      @Setting(
              value =
                  "mean forget loss, nats per token, at which to stop; without one the log of the"
                      + " number of answers, the loss of knowing nothing",
              defaultValue = "null")
          Optional<Double> forgetCeiling) {}

  @Override
  public String name() {
    return "gradient-difference";
  }

  @Override
  public String summary() {
    return "Raises the forget loss while lowering the retain loss, step by step; the usual first"
        + " baseline.";
  }

  @Override
  public String source() {
    return "Liu et al., 2022, CoLLAs: Continual Learning and Private Unlearning; Maini et al.,"
        + " 2024: TOFU";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean needsReference(Settings settings) {
    return settings.retainTerm() == RetainTerm.DIVERGENCE;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    return new ForgetPasses(
            task,
            name(),
            settings.training(),
            settings.gamma(),
            new ForgetPasses.Retain(settings.retainTerm(), settings.alpha()),
            settings.forgetCeiling())
        .run((minibatch, batch, logits, meanLoss) -> meanLoss.neg());
  }
}
