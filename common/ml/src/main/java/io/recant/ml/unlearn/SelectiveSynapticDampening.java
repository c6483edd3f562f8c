package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.core.config.Setting;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.device.Devices;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.List;

/**
 * Shrinks the weights that matter far more to the forget set than to the retain set, without any
 * training: with {@link Importance} F on either, where {@code F_f > alpha F_r}, {@code w = w
 * min(lambda F_r / F_f, 1)}.
 *
 * <p>It has no steps to log and needs no early stop: it reads both sets once and writes once.
 */
public final class SelectiveSynapticDampening
    implements UnlearningMethod<SelectiveSynapticDampening.Settings> {

  /** The paper's defaults. */
  public record Settings(
      @Setting(
              value =
                  "how many times more a weight must matter to the forget set to be dampened;"
                      + " smaller forgets more",
              defaultValue = "10",
              min = 0)
          double alpha,
      @Setting(value = DampeningSettings.LAMBDA, defaultValue = "1", min = 0) double lambda,
      @Setting(value = DampeningSettings.RETAIN_SAMPLES, defaultValue = "20000", min = 1)
          int retainSamples,
      @Setting(value = DampeningSettings.SHUFFLE_BUFFER, defaultValue = "10000", min = 1)
          int shuffleBuffer)
      implements DampeningSettings {}

  @Override
  public String name() {
    return "ssd";
  }

  @Override
  public String summary() {
    return "Dampens the weights that matter to the forget set and not to the retain set; needs no"
        + " training, and suits poison better than confusion.";
  }

  @Override
  public String source() {
    return "Foster et al., 2024, AAAI: Fast Machine Unlearning without Retraining through Selective"
        + " Synaptic Dampening";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    try (NDManager scope = Devices.manager(task.model().device());
        GradMode off = GradMode.inference()) {
      Importances importances = Importances.of(task, settings, scope);
      List<NDArray> parameters = task.model().parameters().trainable();
      for (int i = 0; i < parameters.size(); i++) {
        importances.factors(i, settings.alpha(), settings.lambda(), parameters.get(i)::muli);
      }
    }
    return new UnlearningResult(0, Stop.COMPLETED);
  }

  /** What each weight is multiplied with: 1 where it is left alone. */
  static NDArray factors(NDArray forget, NDArray retain, double alpha, double lambda) {
    NDArray dampened = forget.gt(Scalars.times(retain, alpha)).toType(DataType.FLOAT32, false);
    // Where the forget importance is 0 nothing is dampened, so the floor only avoids 0 / 0.
    NDArray factor =
        Scalars.times(retain, lambda).div(forget.maximum(Float.MIN_NORMAL)).minimum(1f);
    return factor.mul(dampened).add(dampened.neg().add(1));
  }
}
