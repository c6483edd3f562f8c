package io.recant.ml.model;

import ai.djl.ndarray.NDArray;

/**
 * One named array of a model.
 *
 * @param name its name in the model directory's {@code model.safetensors}
 * @param value the array, owned by the model
 * @param kind what changes it
 */
public record Parameter(String name, NDArray value, Kind kind) {

  /** What changes an array. */
  public enum Kind {
    /** An optimiser does, along its gradient: it is tracked by autograd. */
    TRAINABLE,
    /** Nothing does. */
    FROZEN,
    /**
     * The forward passes of a training do, as those of batch normalisation change its running
     * means. It belongs to the state of a training as the trainable arrays do.
     */
    RUNNING_STATISTIC
  }

  /**
   * A weight.
   *
   * @param trainable whether training may change it
   */
  public Parameter(String name, NDArray value, boolean trainable) {
    this(name, value, trainable ? Kind.TRAINABLE : Kind.FROZEN);
  }

  /** Whether an optimiser may change it. */
  public boolean trainable() {
    return kind == Kind.TRAINABLE;
  }
}
