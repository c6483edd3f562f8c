package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * What one step computed, still on the device.
 *
 * @param total the scalar to minimise
 * @param forget mean token loss of the forget examples, a scalar, for the log
 * @param retain mean token loss of the retain examples, a scalar, for the log
 * @param mask the target positions seen, to count tokens
 */
public record StepLoss(
    NDArray total, Optional<NDArray> forget, Optional<NDArray> retain, NDArray mask) {

  /** A step on ordinary data. */
  public static StepLoss of(NDArray total, NDArray mask) {
    return new StepLoss(total, Optional.empty(), Optional.empty(), mask);
  }
}
