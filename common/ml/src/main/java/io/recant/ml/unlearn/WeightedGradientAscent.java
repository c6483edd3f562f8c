package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.loss.WeightedAscent;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/**
 * Gradient ascent in which tokens count by how sure the model still is of them: {@code -mean(p^b
 * l)}, the weights not differentiated ({@link WeightedAscent}).
 */
public final class WeightedGradientAscent
    extends ForgetRetainMethod<WeightedGradientAscent.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "exponent of the token probability; 0 is plain gradient ascent",
              defaultValue = "1",
              min = 0)
          double beta,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "wga";
  }

  @Override
  public String summary() {
    return "Gradient ascent that leaves tokens alone once they are forgotten, so it runs away later.";
  }

  @Override
  public String source() {
    return "Wang et al., 2025, ICLR: Rethinking LLM Unlearning Objectives";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    return (minibatch, batch, logits, meanLoss) ->
        WeightedAscent.of(
            logits, batch.labels(), batch.forgetMask(), batch.weights(), settings.beta(), 0);
  }
}
