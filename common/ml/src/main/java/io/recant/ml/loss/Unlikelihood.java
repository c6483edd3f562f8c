package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.Scalars;

/**
 * What it costs to find a label likely: {@code -log(1 - p_y)} (Welleck et al., ICLR 2020). Never
 * negative, near 0 once the label is forgotten: unlike ascent it has a bottom.
 */
public final class Unlikelihood {

  private Unlikelihood() {}

  /**
   * The loss at every position: (N, T), in nats; that of {@link CandidateLikelihood} where all
   * answers but the label are candidates. Computed so, a label known by heart still has a gradient,
   * which 1 - p in single precision loses.
   *
   * @param logits z (N, T, V), V at least 2
   * @param labels y (N, T)
   */
  public static NDArray perPosition(NDArray logits, NDArray labels) {
    int answers = Math.toIntExact(logits.getShape().get(2));
    return CandidateLikelihood.perPosition(
        logits, Scalars.times(labels.oneHot(answers), CandidateLikelihood.RULED_OUT));
  }
}
