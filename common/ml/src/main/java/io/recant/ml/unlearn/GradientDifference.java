package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/** Maximises the forget loss while holding the retain set: {@code -gamma l_f + alpha retain}. */
public final class GradientDifference extends ForgetRetainMethod<GradientDifference.Settings> {

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
    return "gradient-difference";
  }

  @Override
  public String summary() {
    return "Raises the forget loss while lowering the retain loss, step by step; the usual first baseline.";
  }

  @Override
  public String source() {
    return "Liu et al., 2022, CoLLAs: Continual Learning and Private Unlearning; Maini et al., 2024: TOFU";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    return (minibatch, batch, logits, meanLoss) -> meanLoss.neg();
  }
}
