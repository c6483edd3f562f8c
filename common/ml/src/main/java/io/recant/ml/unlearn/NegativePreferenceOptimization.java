package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.loss.NegativePreference;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import java.util.Optional;

/**
 * {@link NegativePreference} on the forget set and a retain term. The starting model's losses of
 * whole targets are taken once, before the first step, four bytes an example; no second model has
 * to be held for them.
 */
public final class NegativePreferenceOptimization
    extends ForgetRetainMethod<NegativePreferenceOptimization.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 10, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "how soon the push fades as a target is forgotten; larger fades sooner",
              defaultValue = "0.1",
              min = 1e-6)
          double beta,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "npo";
  }

  @Override
  public String summary() {
    return "Treats forget targets as losing answers: starts like gradient ascent, fades as they are forgotten, so it breaks the model far later.";
  }

  @Override
  public String source() {
    return "Zhang et al., 2024, COLM: Negative Preference Optimization";
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
    StartingLosses start = StartingLosses.of(task, task.forget());
    return (minibatch, batch, logits, meanLoss) -> {
      NDArray loss = TokenLoss.sequence(logits, batch.labels(), batch.forgetMask());
      NDArray reference = start.of(minibatch, logits.getManager());
      return NegativePreference.perExample(loss, reference, settings.beta())
          .mul(batch.weights())
          .mean();
    };
  }
}
