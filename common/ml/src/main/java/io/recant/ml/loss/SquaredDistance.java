package io.recant.ml.loss;

import ai.djl.ndarray.NDArray;

/** How far activations are from where they should be. */
public final class SquaredDistance {

  private SquaredDistance() {}

  /**
   * The mean squared difference at every position: {@code |a - b|^2 / D}, (N, T), never negative.
   *
   * @param activations a (N, T, D)
   * @param wanted b, of a shape that broadcasts to a's
   */
  public static NDArray perPosition(NDArray activations, NDArray wanted) {
    return activations.sub(wanted).square().mean(new int[] {2});
  }
}
