package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.loss.WeightedAscent;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/**
 * Gradient ascent on the tokens that are neither forgotten nor certain: {@code -mean(p^b1 (1-p)^b2
 * l)}, the weights not differentiated ({@link WeightedAscent}).
 */
public final class SaturationImportance extends ForgetRetainMethod<SaturationImportance.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(value = "exponent of the token probability", defaultValue = "5", min = 0)
          double saturation,
      @Setting(value = "exponent of one minus the token probability", defaultValue = "1", min = 0)
          double importance,
      @Setting(value = GAMMA, defaultValue = "0.1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "satimp";
  }

  @Override
  public String summary() {
    return "Gradient ascent that weighs each token by how far it still has to go and how much it matters.";
  }

  @Override
  public String source() {
    return "Yang et al., 2025, ICML: Exploring Criteria of Loss Reweighting to Enhance LLM Unlearning";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    return (minibatch, batch, logits, meanLoss) ->
        WeightedAscent.of(
            logits,
            batch.labels(),
            batch.forgetMask(),
            batch.weights(),
            settings.saturation(),
            settings.importance());
  }
}
