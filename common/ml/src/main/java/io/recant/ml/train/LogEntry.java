package io.recant.ml.train;

import java.util.OptionalDouble;

/**
 * One step of a training or an unlearning, taken before its update.
 *
 * @param step counted from 0
 * @param epoch counted from 0
 * @param loss what the step minimises
 * @param forgetLoss mean negative log-likelihood of a target token of the step's forget examples
 * @param retainLoss the same of its retain examples
 * @param learningRate the step's learning rate
 * @param gradientNorm the global gradient norm before clipping
 * @param tokensPerSecond target tokens of the step by the time it took
 */
public record LogEntry(
    long step,
    int epoch,
    double loss,
    OptionalDouble forgetLoss,
    OptionalDouble retainLoss,
    double learningRate,
    double gradientNorm,
    double tokensPerSecond) {}
