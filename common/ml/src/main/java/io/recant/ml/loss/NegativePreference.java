package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import io.recant.ml.autograd.Scalars;

/**
 * Negative preference optimisation (Zhang et al., COLM 2024): preference learning with only losing
 * answers. With {@code L} the negative log-likelihood of a whole target under the model and {@code
 * L0} under the frozen start,
 *
 * <pre>
 * -(2/b) log sigma(b (L - L0)) = (2/b) log(1 + (p/p0)^b)
 * </pre>
 *
 * Its slope in {@code L} is {@code -2 sigma(-b (L - L0))}: gradient ascent at the start, fading as
 * the target is forgotten, so it does not run away.
 */
public final class NegativePreference {

  private NegativePreference() {}

  /**
   * The loss per example: (N), never negative; {@code (2/b) log 2} where nothing is forgotten yet.
   *
   * @param loss (N), sums over target tokens, not means
   * @param referenceLoss (N), the same under the frozen start
   * @param beta b, above 0
   */
  public static NDArray perExample(NDArray loss, NDArray referenceLoss, double beta) {
    return Scalars.times(
        Activation.softPlus(Scalars.times(loss.sub(referenceLoss), -beta)), 2 / beta);
  }
}
