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
 * @param forgetMask (N, T) float32: 1 where the label is a target that is to be forgotten where the
 *     batch is one of a forget set; {@code mask} itself where no example has spans
 * @param weights (N) float32: how much each example's loss counts
 */
public record Batch(
    NDList inputs, NDArray labels, NDArray mask, NDArray forgetMask, NDArray weights) {

  /** A batch of examples without spans. */
  public Batch(NDList inputs, NDArray labels, NDArray mask, NDArray weights) {
    this(inputs, labels, mask, mask, weights);
  }

  /** N, how many examples. */
  public int size() {
    return Math.toIntExact(labels.getShape().get(0));
  }

  /** Whether some targets of a forget set's batch may be kept. */
  public boolean hasSpans() {
    return forgetMask != mask;
  }

  /** (N, T): 1 where the label is a target that a forget set's batch keeps. */
  public NDArray keptMask() {
    return mask.sub(forgetMask);
  }
}
