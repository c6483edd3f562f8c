package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.config.Setting;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.Locale;
import java.util.Optional;

/**
 * Selective synaptic dampening that finds its own alpha, for poison that is known in part: alpha is
 * the percentile {@code 100 - ln(1 + 100 s)} of F_f / F_r over all weights. At the first try {@code
 * s} is a part of the forget set's share of all rows; it grows by a factor from try to try, each of
 * them on the starting model, until the model gives at most {@code rho} of those forget targets
 * that it gave at first. It gives a target that is its most likely class; of a text, each token
 * counts.
 *
 * <p>Importances are taken once, so that a try is one pass over the forget set. Tries end where
 * alpha is down to lambda: what matters less than that is multiplied by 1.
 *
 * <p>This is the paper's search over the importances of SSD, the gradients of the loss; it has
 * others too, of the size of the outputs. Not for texts whose tokens anyone would guess: their
 * accuracy does not fall before the model is broken, unless {@code rho} is high.
 */
public final class Potion implements UnlearningMethod<Potion.Settings> {

  /** How the search goes: as in the published code, which leaves {@code rho} to its user. */
  public record Settings(
      @Setting(
              value =
                  "at which share of the starting accuracy on the forget rows' given targets to"
                      + " stop; smaller forgets more, and texts need a larger one than classes",
              defaultValue = "0.2",
              min = 0,
              max = 1)
          double rho,
      @Setting(
              value = "s of the first try, as a part of the forget set's share of all rows",
              defaultValue = "0.04",
              min = 1e-9,
              max = 1)
          double start,
      @Setting(
              value = "how many times larger s is at the next try",
              defaultValue = "1.1",
              min = 1.001,
              max = 100)
          double growth,
      @Setting(
              value = "at most so many tries, each a pass over the forget set",
              defaultValue = "500",
              min = 1)
          int tries,
      @Setting(value = DampeningSettings.LAMBDA, defaultValue = "1", min = 0) double lambda,
      @Setting(value = DampeningSettings.RETAIN_SAMPLES, defaultValue = "20000", min = 1)
          int retainSamples,
      @Setting(value = DampeningSettings.SHUFFLE_BUFFER, defaultValue = "10000", min = 1)
          int shuffleBuffer)
      implements DampeningSettings {}

  @Override
  public String name() {
    return "potion";
  }

  @Override
  public String summary() {
    return "Dampens ever more weights that matter to the forget set, until its targets are no longer"
        + " given; for poison known in part, needs no training.";
  }

  @Override
  public String source() {
    return "Schoepf, Foster and Brintrup, 2024: Potion: Towards Poison Unlearning";
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
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    return search(settings, task, task.requireReference(name()))
        .map(Found::result)
        .orElseGet(
            () ->
                new UnlearningResult(
                    0, Stop.NOTHING_TO_FORGET, "the model gives none of the forget targets"));
  }

  /**
   * What a search came to.
   *
   * @param alpha the last threshold, with which the model was left
   * @param tried so many thresholds
   * @param known share of the forget targets that the model gave
   * @param left share of them that it gives
   * @param enough whether that is as few as asked for
   */
  record Found(double alpha, int tried, double known, double left, boolean enough) {

    private UnlearningResult result() {
      return new UnlearningResult(
          0,
          Stop.COMPLETED,
          String.format(
              Locale.ROOT,
              "alpha %.4g at try %d: the model gave %.4g of the forget targets and gives %.4g%s",
              alpha,
              tried,
              known,
              left,
              enough ? "" : ", still more than rho allows"));
    }
  }

  /**
   * Dampens the task's model.
   *
   * @param start a model with the weights that it has now
   * @return nothing, and the model is as it was, where it gives none of the forget targets
   */
  static Optional<Found> search(Settings settings, UnlearningTask task, Model start) {
    double known = accuracy(task);
    if (known == 0) {
      return Optional.empty();
    }
    try (NDManager scope = Devices.manager(task.model().device());
        GradMode off = GradMode.inference()) {
      Importances importances = Importances.of(task, settings, scope);
      ImportanceRatios ratios = importances.ratios();
      double forget = task.forget().count();
      double s = settings.start() * forget / (forget + task.retain().count());
      double alpha = Double.POSITIVE_INFINITY;
      double left = known;
      for (int tried = 1; ; tried++) {
        double next = ratios.exceededBy(Math.log1p(100 * s) / 100);
        // A small model has few weights: the same ones again would give the same accuracy.
        if (next < alpha) {
          alpha = next;
          dampen(task.model(), start, importances, alpha, settings.lambda());
          left = accuracy(task);
        }
        boolean enough = left <= settings.rho() * known;
        if (enough || alpha <= settings.lambda() || tried == settings.tries()) {
          return Optional.of(new Found(alpha, tried, known, left, enough));
        }
        s *= settings.growth();
      }
    }
  }

  private static void dampen(
      Model model, Model start, Importances importances, double alpha, double lambda) {
    int trainable = 0;
    for (Parameter parameter : model.parameters()) {
      if (parameter.trainable()) {
        NDArray before = start.parameters().get(parameter.name());
        importances.factors(
            trainable++,
            alpha,
            lambda,
            factors -> InPlace.copy(factors.mul(before), parameter.value()));
      }
    }
  }

  private static double accuracy(UnlearningTask task) {
    try (Minibatches batches =
        Minibatches.inOrder(task.forget(), task.limits().evaluationBatch())) {
      return TargetAccuracy.of(task.model(), batches, Batch::forgetMask, Long.MAX_VALUE);
    }
  }
}
