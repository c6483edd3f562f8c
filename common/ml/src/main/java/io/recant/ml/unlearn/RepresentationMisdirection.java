package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.loss.SquaredDistance;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Steers what a middle layer makes of the forget set to one fixed point, {@code c u} with u drawn
 * once, uniform in [0, 1) per coordinate and scaled to length 1, while the retain set's activations
 * stay where they were:
 *
 * <pre>gamma mean_f |a_l - c u|^2 / D + alpha mean_r |a_l - a0_l|^2 / D</pre>
 *
 * <p>over the positions that predict targets. Layers above l have no gradient and stay.
 */
public final class RepresentationMisdirection
    implements UnlearningMethod<RepresentationMisdirection.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 10, batch_size: 32, learning_rate: 0.001, weight_decay: 0, decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "which layer's activations, from 1; without one the one halfway up",
              defaultValue = "null")
          Optional<Integer> layer,
      @Setting(
              value = "c, the length of what forget activations are steered to",
              defaultValue = "2",
              min = 0)
          double steering,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements PassSettings {}

  @Override
  public String name() {
    return "rmu";
  }

  @Override
  public String summary() {
    return "Steers a middle layer's activations of the forget set to a random point and holds those of the retain set.";
  }

  @Override
  public String source() {
    return "Li et al., 2024, ICML: The WMDP Benchmark";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean needsReference(Settings settings) {
    return settings.alpha() > 0;
  }

  /**
   * {@inheritDoc}
   *
   * @throws ConfigException when the model has no such layer
   */
  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    Model model = task.model();
    int layer = layer(settings, model);
    return new ForgetPasses(task, settings)
        .run(
            (minibatch, batch, logits, meanLoss) -> {
              NDArray activations = model.activations(batch, layer);
              int width = (int) activations.getShape().get(2);
              NDArray point =
                  activations
                      .getManager()
                      .create(point(task.seed(), width, settings.steering()), new Shape(width));
              return mean(activations, point, batch, batch.forgetMask());
            },
            Term.Mean.TOKENS,
            (batch, mask, logits) -> held(batch, mask, logits, task, layer));
  }

  private Term.Value held(
      Batch batch, NDArray mask, Supplier<NDArray> logits, UnlearningTask task, int layer) {
    NDArray frozen;
    NDArray loss;
    try (GradMode off = GradMode.inference()) {
      frozen = task.requireReference(name()).activations(batch, layer);
      loss = TokenLoss.mean(logits.get(), batch.labels(), mask, batch.weights());
    }
    NDArray activations = task.model().activations(batch, layer);
    return new Term.Value(mean(activations, frozen, batch, mask), loss);
  }

  private static NDArray mean(NDArray activations, NDArray wanted, Batch batch, NDArray mask) {
    return TokenLoss.mean(SquaredDistance.perPosition(activations, wanted), mask, batch.weights());
  }

  /** c u: the same for a seed, or the activations would be steered nowhere. */
  static float[] point(long seed, int width, double length) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] u = new double[width];
    double squares = 0;
    for (int i = 0; i < width; i++) {
      u[i] = random.nextDouble();
      squares += u[i] * u[i];
    }
    float[] point = new float[width];
    for (int i = 0; i < width; i++) {
      point[i] = (float) (length * u[i] / Math.sqrt(squares));
    }
    return point;
  }

  private static int layer(Settings settings, Model model) {
    int layer = settings.layer().orElse((model.layers() + 1) / 2);
    if (layer < 1 || layer > model.layers()) {
      throw new ConfigException(
          "rmu: layer " + layer + " is none of the model's, which are 1 to " + model.layers());
    }
    return layer;
  }
}
