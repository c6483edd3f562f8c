package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;

/**
 * What it costs to find a label likely: {@code -log(1 - p_y)} (Welleck et al., ICLR 2020). Never
 * negative, near 0 once the label is forgotten: unlike ascent it has a bottom.
 */
public final class Unlikelihood {

  private static final double NONE = -1e9;

  private Unlikelihood() {}

  /**
   * The loss at every position: (N, T), in nats, {@code log sum_k exp(z_k) - log sum_{k != y}
   * exp(z_k)}: computed so, a label known by heart still has a gradient, which 1 - p in single
   * precision loses.
   *
   * @param logits z (N, T, V), V at least 2
   * @param labels y (N, T)
   */
  public static NDArray perPosition(NDArray logits, NDArray labels) {
    int answers = Math.toIntExact(logits.getShape().get(2));
    NDArray others = logits.add(Scalars.times(labels.oneHot(answers), NONE));
    return logSumExp(logits).sub(logSumExp(others));
  }

  private static NDArray logSumExp(NDArray logits) {
    NDArray largest;
    try (GradMode off = GradMode.inference()) {
      largest = logits.max(new int[] {2}, true);
    }
    return logits.sub(largest).exp().sum(new int[] {2}).log().add(largest.squeeze(2));
  }
}
