package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.loss.Unlikelihood;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/**
 * Makes the forget targets unlikely: {@code gamma mean -log(1 - p) + alpha retain}. What is
 * unlikely already is left alone.
 */
public final class UnlikelihoodTraining extends ForgetRetainMethod<UnlikelihoodTraining.Settings> {

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
    return "unlikelihood";
  }

  @Override
  public String summary() {
    return "Makes the forget targets unlikely, token by token, and leaves alone what is unlikely already.";
  }

  @Override
  public String source() {
    return "Welleck et al., 2020, ICLR: Neural Text Generation with Unlikelihood Training";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    return (minibatch, batch, logits, meanLoss) ->
        TokenLoss.mean(
            Unlikelihood.perPosition(logits, batch.labels()), batch.forgetMask(), batch.weights());
  }
}
