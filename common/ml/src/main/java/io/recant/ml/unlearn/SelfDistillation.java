package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.loss.AdjustedDistillation;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Model;
import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/**
 * The model learns its own starting answers with the target's logit lowered: cross-entropy to
 * {@code softmax(z0 - b onehot(y))} ({@link AdjustedDistillation}). Nothing is pushed without
 * bound.
 */
public final class SelfDistillation extends ForgetRetainMethod<SelfDistillation.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 10, batch_size: 32, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "by how much the logit of the target is lowered",
              defaultValue = "10",
              min = 0)
          double beta,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "0", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {}

  @Override
  public String name() {
    return "undial";
  }

  @Override
  public String summary() {
    return "Teaches the model its own answers with the forget targets made less likely; stable where ascent runs away.";
  }

  @Override
  public String source() {
    return "Dong et al., 2025, NAACL: UNDIAL, Self-Distillation with Adjusted Logits";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean needsReference(Settings settings) {
    return true;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    Model reference = task.requireReference(name());
    return (minibatch, batch, logits, meanLoss) -> {
      NDArray frozen;
      try (GradMode off = GradMode.inference()) {
        frozen = reference.logits(batch);
      }
      NDArray loss =
          AdjustedDistillation.perPosition(frozen, logits, batch.labels(), settings.beta());
      return TokenLoss.mean(loss, batch.forgetMask(), batch.weights());
    };
  }
}
