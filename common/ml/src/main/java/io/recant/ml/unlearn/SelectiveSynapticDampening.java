package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.core.config.Setting;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
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
      @Setting(
              value = "strength of what is left; smaller dampens more",
              defaultValue = "1",
              min = 0)
          double lambda,
      @Setting(
              value = "at most so many retain examples are read, drawn at random",
              defaultValue = "20000",
              min = 1)
          int retainSamples,
      @Setting(value = "examples held at once to draw from", defaultValue = "10000", min = 1)
          int shuffleBuffer) {}

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
    Model model = task.model();
    int batch = task.limits().evaluationBatch();
    int buffer = settings.shuffleBuffer();
    try (NDManager scope = Devices.manager(model.device());
        GradMode off = GradMode.inference()) {
      List<NDArray> forget =
          Importance.of(
              model,
              task.forget(),
              Batch::forgetMask,
              task.forget().count(),
              batch,
              buffer,
              task.seed(),
              scope);
      List<NDArray> retain =
          Importance.of(
              model,
              task.retain(),
              Batch::mask,
              settings.retainSamples(),
              batch,
              buffer,
              task.seed(),
              scope);
      List<NDArray> parameters = model.parameters().trainable();
      for (int i = 0; i < parameters.size(); i++) {
        NDArray factor = factors(forget.get(i), retain.get(i), settings.alpha(), settings.lambda());
        parameters.get(i).muli(factor);
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
