package io.recant.ml.model;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * A model that knows the squared gradients of single examples in closed form, or from one backward
 * pass a batch. Without this they cost one backward pass an example.
 */
public interface SquaredGradients {

  /**
   * For each trainable parameter, in order: the sum over the batch's examples of {@code w_i (d l_i
   * / d parameter)^2}, element by element, with {@code l_i} the example's mean negative
   * log-likelihood of a target token and {@code w_i} its weight. The results belong to the batch's
   * manager.
   */
  List<NDArray> sumOfSquaredGradients(Batch batch);
}
