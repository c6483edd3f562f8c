package io.recant.ml.autograd;

import ai.djl.ndarray.NDArray;

/**
 * Arithmetic with numbers inside a differentiated graph.
 *
 * <p>{@code x.mul(number)} makes an array of the number on Java memory and closes it at once, but
 * the backward pass still reads it: after a garbage collection in between it reads whatever lies
 * there then, and gradients are wrong at random. A factor made here belongs to the manager of
 * {@code x} and lives as long as the graph does.
 */
public final class Scalars {

  private Scalars() {}

  /** {@code factor * x}, of the type of {@code x}. */
  public static NDArray times(NDArray x, double factor) {
    return x.mul(x.getManager().create((float) factor));
  }
}
