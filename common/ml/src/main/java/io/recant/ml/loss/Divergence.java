package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.Scalars;

/** How far a model's distribution is from a reference's. */
public final class Divergence {

  private Divergence() {}

  /**
   * The Kullback-Leibler divergence from reference to model at every position, {@code T^2 sum_k q_k
   * (log q_k - log p_k)} with {@code q = softmax(z0 / T)}, {@code p = softmax(z / T)}: (N, T), in
   * nats, never negative. The factor keeps gradients of one size across temperatures (Hinton et
   * al., 2015). Takes logits and softens them itself.
   *
   * @param referenceLogits z0 (N, T, V), not differentiated
   * @param logits z (N, T, V)
   * @param temperature T, above 0
   */
  public static NDArray perPosition(NDArray referenceLogits, NDArray logits, double temperature) {
    NDArray logQ = Scalars.times(referenceLogits, 1 / temperature).logSoftmax(-1);
    NDArray logP = Scalars.times(logits, 1 / temperature).logSoftmax(-1);
    return Scalars.times(
        logQ.exp().mul(logQ.sub(logP)).sum(new int[] {2}), temperature * temperature);
  }
}
