package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;

/**
 * Gradient ascent in which each token has a weight of its own, {@code -mean(p^a (1-p)^b l)} with p
 * the probability of the token and l = -log p. The weights are numbers, not functions: what is
 * differentiated is l alone.
 */
public final class WeightedAscent {

  private WeightedAscent() {}

  /**
   * The loss, a scalar; shapes as in {@link TokenLoss}.
   *
   * @param sure a, exponent of p: large leaves tokens alone that are forgotten already
   * @param open b, exponent of 1-p: large leaves tokens alone that are certain
   */
  public static NDArray of(
      NDArray logits, NDArray labels, NDArray mask, NDArray weights, double sure, double open) {
    NDArray logs = TokenLoss.logProbabilities(logits, labels);
    NDArray factors;
    try (GradMode off = GradMode.inference()) {
      NDArray others = logs.exp().neg().add(1).maximum(Float.MIN_NORMAL).log();
      factors = Scalars.times(logs, sure).add(Scalars.times(others, open)).exp();
    }
    return TokenLoss.mean(logs.mul(factors), mask, weights);
  }
}
