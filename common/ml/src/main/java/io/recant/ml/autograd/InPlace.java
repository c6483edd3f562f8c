package io.recant.ml.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;

/**
 * Overwriting arrays by native code.
 *
 * <p>{@code from.copyTo(to)} takes every value through an array of the Java heap: it ends at 2 GB,
 * and from a GPU it also leaves a copy in the host's memory for as long as the manager of {@code
 * from} lives, which for a parameter is that of the model.
 */
public final class InPlace {

  private InPlace() {}

  /**
   * Gives one array the values of another, of the same shape and type, on whatever device.
   *
   * @throws IllegalArgumentException when shapes differ; nothing is broadcast
   */
  public static void copy(NDArray from, NDArray to) {
    if (!from.getShape().equals(to.getShape())) {
      throw new IllegalArgumentException(
          "shapes " + from.getShape() + " and " + to.getShape() + " differ");
    }
    to.set(new NDIndex("..."), from);
  }
}
