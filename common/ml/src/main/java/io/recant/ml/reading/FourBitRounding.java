package io.recant.ml.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;

/**
 * Rounds a model's matrices as 4-bit loaders do: in blocks of {@value #BLOCK} weights of a row,
 * each to the nearest of the 15 multiples of {@code max |w| / 7} of its block, from -7 to 7
 * (Dettmers et al., 2023, with equal steps). Vectors, which are biases and norms, stay.
 */
final class FourBitRounding {

  private static final int BLOCK = 64;
  private static final int STEPS = 7;

  private FourBitRounding() {}

  /** Rounds in place. */
  static void apply(Model model) {
    try (GradMode off = GradMode.inference()) {
      for (Parameter parameter : model.parameters()) {
        NDArray value = parameter.value();
        if (value.getShape().dimension() >= 2) {
          try (NDManager scope = value.getManager().newSubManager()) {
            NDArray copy = value.duplicate();
            copy.attach(scope);
            float[] rounded = copy.toFloatArray();
            int row = (int) value.getShape().get(value.getShape().dimension() - 1);
            round(rounded, row);
            InPlace.copy(scope.create(rounded, value.getShape()), value);
          }
        }
      }
    }
  }

  /**
   * Rounds rows that lie one after another.
   *
   * @param row the length of a row; its last block may be shorter
   */
  static void round(float[] weights, int row) {
    for (int start = 0; start < weights.length; start += row) {
      for (int from = start; from < start + row; from += BLOCK) {
        roundBlock(weights, from, Math.min(start + row, from + BLOCK));
      }
    }
  }

  private static void roundBlock(float[] weights, int from, int to) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(weights[i]));
    }
    float step = largest / STEPS;
    for (int i = from; i < to && step > 0; i++) {
      weights[i] = Math.round(weights[i] / step) * step;
    }
  }
}
