package io.recant.ml.model;

import ai.djl.ndarray.NDArray;

/**
 * One named array of a model.
 *
 * @param name its name in the model directory's {@code model.safetensors}
 * @param value the array, owned by the model
 * @param trainable whether training may change it; if so it is tracked by autograd
 */
public record Parameter(String name, NDArray value, boolean trainable) {}
