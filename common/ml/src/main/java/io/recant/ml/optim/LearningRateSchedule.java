package io.recant.ml.optim;

/**
 * A learning rate per step: a linear warm-up to the peak, then a decay that ends at zero after the
 * last step.
 *
 * <p>With {@code s} the step counted from 0, {@code w} warm-up steps and {@code n} steps in all:
 * {@code peak (s + 1) / w} for {@code s < w}; after that, with progress {@code q = (s - w) / (n -
 * w)}, {@code peak (1 - q)} (linear), {@code peak (1 + cos(pi q)) / 2} (cosine, Loshchilov and
 * Hutter 2017) or {@code peak} (constant). The first step is never at rate zero, which would waste
 * it.
 *
 * @param decay the shape after the warm-up
 * @param peak the largest rate
 * @param warmupSteps steps of the warm-up, 0 for none
 * @param totalSteps steps in all; later steps get the rate at the end
 */
public record LearningRateSchedule(Decay decay, double peak, long warmupSteps, long totalSteps) {

  /** How the rate falls after the warm-up. */
  public enum Decay {
    CONSTANT,
    LINEAR,
    COSINE
  }

  public LearningRateSchedule {
    if (!(peak >= 0) || warmupSteps < 0 || totalSteps < 0) {
      throw new IllegalArgumentException(
          "a schedule of peak " + peak + ", " + warmupSteps + " of " + totalSteps + " steps");
    }
  }

  /** The same rate at every step. */
  public static LearningRateSchedule constant(double rate) {
    return new LearningRateSchedule(Decay.CONSTANT, rate, 0, 0);
  }

  /** The rate of a step, counted from 0. */
  public double at(long step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double progress =
        Math.min(1, (step - warmupSteps) / (double) Math.max(1, totalSteps - warmupSteps));
    return switch (decay) {
      case CONSTANT -> peak;
      case LINEAR -> peak * (1 - progress);
      case COSINE -> peak * (1 + Math.cos(Math.PI * progress)) / 2;
    };
  }
}
