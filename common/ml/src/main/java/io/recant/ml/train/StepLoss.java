package io.recant.ml.train;

import ai.djl.ndarray.NDArray;

/**
 * What one step computed, still on the device.
 *
 * @param total the scalar to minimise
 * @param mask the target positions seen, to count tokens
 */
public record StepLoss(NDArray total, NDArray mask) {}
