package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.model.Model;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A student of two teachers: on the forget set it learns from one that knows nothing, a model of
 * its own shape with weights drawn from the seed, on the retain set from the starting model:
 *
 * <pre>gamma KL(p_d || p) + alpha KL(p0 || p)</pre>
 *
 * <p>The divergences are over all answers, at the temperature of the settings. What the student
 * answers in the end is not the truth either, but as good as drawn by lot; the loss has a bottom,
 * so it does not run away as ascent does.
 */
public final class BadTeacher implements UnlearningMethod<BadTeacher.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(value = "temperature that softens all distributions", defaultValue = "1", min = 1e-3)
          double temperature,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements PassSettings {}

  @Override
  public String name() {
    return "bad-teacher";
  }

  @Override
  public String summary() {
    return "Teaches the forget set what a model with random weights says of it, and the retain set"
        + " what the model said before.";
  }

  @Override
  public String source() {
    return "Chundawat et al., 2023, AAAI: Can Bad Teaching Induce Forgetting?";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean needsReference(Settings settings) {
    return settings.alpha() > 0;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    try (Model incompetent = incompetent(task)) {
      return new ForgetPasses(task, settings)
          .run(
              (minibatch, batch, logits, meanLoss) ->
                  RetainTerm.divergence(
                      incompetent, batch, batch.forgetMask(), logits, settings.temperature()),
              Term.Mean.TOKENS,
              (batch, mask, logits) -> {
                NDArray own = logits.get();
                Model competent = task.requireReference(name());
                return new Term.Value(
                    RetainTerm.divergence(competent, batch, mask, own, settings.temperature()),
                    RetainTerm.loss(batch, mask, own));
              });
    }
  }

  /** The teacher that knows nothing: not what the model itself may have been made from. */
  static Model incompetent(UnlearningTask task) {
    return task.model().untrained(new SplittableRandom(task.seed()).nextLong());
  }
}
