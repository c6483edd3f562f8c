package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.Scalars;

/**
 * Distillation from a model's own frozen start with the target's logit lowered (Dong et al., NAACL
 * 2025): {@code -sum_k q_k log p_k}, {@code q = softmax(z0 - b onehot(y))}, {@code p = softmax(z)}.
 */
public final class AdjustedDistillation {

  private AdjustedDistillation() {}

  /**
   * The cross-entropy at every position: (N, T), in nats.
   *
   * @param referenceLogits z0 (N, T, V), not differentiated
   * @param logits z (N, T, V)
   * @param labels y (N, T)
   * @param beta b, at least 0
   */
  public static NDArray perPosition(
      NDArray referenceLogits, NDArray logits, NDArray labels, double beta) {
    int answers = Math.toIntExact(logits.getShape().get(2));
    NDArray lowered = referenceLogits.sub(Scalars.times(labels.oneHot(answers), beta));
    return lowered.softmax(-1).mul(logits.logSoftmax(-1)).sum(new int[] {2}).neg();
  }
}
