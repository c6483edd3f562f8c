package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.loss.NegativePreference;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import java.util.Optional;

/**
 * {@link NegativePreference} without a reference: the mean token loss of each target against a
 * margin, {@code -(2/b) log sigma(b (L/T - d))}. Long targets do not weigh more, and those the
 * model never knew well are left in peace sooner.
 */
public final class SimpleNegativePreference
    extends ForgetRetainMethod<SimpleNegativePreference.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 10, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "how soon the push fades as a target is forgotten; larger fades sooner",
              defaultValue = "2.5",
              min = 1e-6)
          double beta,
      @Setting(
              value = "mean token loss, in nats, at which the push has half faded",
              defaultValue = "0")
          double margin,
      @Setting(value = GAMMA, defaultValue = "0.125", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "simnpo";
  }

  @Override
  public String summary() {
    return "NPO without the starting model: targets are pushed until their mean token loss is well above a margin.";
  }

  @Override
  public String source() {
    return "Fan et al., 2024: Simplicity Prevails, Rethinking Negative Preference Optimization";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  Term.Mean mean() {
    return Term.Mean.EXAMPLES;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    return (minibatch, batch, logits, meanLoss) -> {
      NDArray tokens = batch.forgetMask().sum(new int[] {1}).maximum(1);
      NDArray mean = TokenLoss.sequence(logits, batch.labels(), batch.forgetMask()).div(tokens);
      NDArray margin = mean.zerosLike().add(settings.margin());
      return NegativePreference.perExample(mean, margin, settings.beta())
          .mul(batch.weights())
          .mean();
    };
  }
}
