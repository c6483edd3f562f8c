package io.recant.ml.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * {@code N} examples as arrays, {@code T} positions each. Owned by the manager they were encoded
 * with: closing it frees the batch and all that was computed from it.
 *
 * @param inputs what the model's forward pass reads; only the model knows its layout
 * @param labels (N, T) int64: what stands at each position, 0 where nothing does
 * @param mask (N, T) float32: 1 where the label is a target, 0 in the prompt and in padding
 * @param weights (N) float32: how much each example's loss counts
 */
public record Batch(NDList inputs, NDArray labels, NDArray mask, NDArray weights) {

  /** N, how many examples. */
  public int size() {
    return Math.toIntExact(labels.getShape().get(0));
  }
}
