package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/**
 * Maximises the forget loss while the retain set keeps the starting model's answers: {@code -gamma
 * l_f + alpha KL(p0 || p)}, the divergence over the whole vocabulary.
 */
public final class KullbackLeiblerAscent
    extends ForgetRetainMethod<KullbackLeiblerAscent.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "divergence") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "kl";
  }

  @Override
  public String summary() {
    return "Raises the forget loss while the model answers the retain set as it did; needs the starting model beside it.";
  }

  @Override
  public String source() {
    return "Maini et al., 2024: TOFU; Yao et al., 2024: Large Language Model Unlearning";
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
