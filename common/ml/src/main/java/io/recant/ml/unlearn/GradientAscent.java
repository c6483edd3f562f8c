package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/** Maximises the forget loss: minimises {@code -l_f}. */
public final class GradientAscent extends ForgetRetainMethod<GradientAscent.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0001, weight_decay: 0,"
                      + " decay: constant}")
          OptimizationSettings training,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetOnlySettings {}

  @Override
  public String name() {
    return "gradient-ascent";
  }

  @Override
  public String summary() {
    return "Raises the loss of the forget set and nothing else: fast, and it damages everything"
        + " once it goes on too long, hence the ceiling.";
  }

  @Override
  public String source() {
    return "Jang et al., 2023, ACL: Knowledge Unlearning for Mitigating Privacy Risks";
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
