package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.GradMode;

/**
 * The negative log-likelihood of a label of which is known only how likely every answer is to be
 * it: {@code -log sum_y c_y p_y} (Jin and Ghahramani, Learning with multiple labels, NIPS 2002).
 * Its gradient is that of learning from the posterior {@code c_y p_y / sum_k c_k p_k}: where the
 * model is surer than the candidates are, the model's own opinion is what it learns.
 */
public final class CandidateLikelihood {

  /** The logarithm that stands for that of 0. */
  public static final double RULED_OUT = -1e9;

  private CandidateLikelihood() {}

  /**
   * The loss at every position: (N, T), in nats, {@code log sum_k exp(z_k) - log sum_k exp(z_k +
   * log c_k)}.
   *
   * @param logits z (N, T, V)
   * @param logCandidates log c, of the same shape; {@link #RULED_OUT} at answers that it cannot be,
   *     which are not all of a position's
   */
  public static NDArray perPosition(NDArray logits, NDArray logCandidates) {
    return logSumExp(logits).sub(logSumExp(logits.add(logCandidates)));
  }

  private static NDArray logSumExp(NDArray logits) {
    NDArray largest;
    try (GradMode off = GradMode.inference()) {
      largest = logits.max(new int[] {2}, true);
    }
    return logits.sub(largest).exp().sum(new int[] {2}).log().add(largest.squeeze(2));
  }
}
