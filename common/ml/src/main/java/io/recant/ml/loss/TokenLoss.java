package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;

/**
 * Negative log-likelihood of labels under logits, and its sums. Shapes: logits (N, T, V), labels
 * (N, T) int64, mask (N, T) float32 with 1 at target positions, weights (N). Results are in nats.
 */
public final class TokenLoss {

  private TokenLoss() {}

  /** Log-probability of each label: (N, T), {@code z_y - log sum_k exp(z_k)}. */
  public static NDArray logProbabilities(NDArray logits, NDArray labels) {
    return logits.logSoftmax(-1).gather(labels.expandDims(2), 2).squeeze(2);
  }

  /** Per-example sum over target positions: (N). */
  public static NDArray sum(NDArray perPosition, NDArray mask) {
    return perPosition.mul(mask).sum(new int[] {1});
  }

  /** Per-example negative log-likelihood of the whole target: (N), the {@code L} of the papers. */
  public static NDArray sequence(NDArray logits, NDArray labels, NDArray mask) {
    return sum(logProbabilities(logits, labels), mask).neg();
  }

  /**
   * The mean over target positions, each loss times its example's weight: {@code sum_it w_i m_it
   * l_it / sum_it m_it}, a scalar; 0 when there is no target. Weights are not divided out again, so
   * that a row counts the same whatever batch it falls into.
   */
  public static NDArray mean(NDArray logits, NDArray labels, NDArray mask, NDArray weights) {
    return mean(logProbabilities(logits, labels).neg(), mask, weights);
  }

  /** The same mean of any value per position, (N, T). */
  public static NDArray mean(NDArray perPosition, NDArray mask, NDArray weights) {
    NDArray weighted = mask.mul(weights.expandDims(1));
    return perPosition.mul(weighted).sum().div(mask.sum().maximum(1));
  }
}
