package io.recant.ml.train;

import io.recant.core.config.Setting;
import io.recant.ml.optim.LearningRateSchedule.Decay;

/** How long and how strongly to change a model: shared by training and every gradient method. */
public record OptimizationSettings(
    @Setting(value = "passes over the data", defaultValue = "5", min = 0) int epochs,
    @Setting(value = "examples per step", defaultValue = "64", min = 1) int batchSize,
    @Setting(value = "peak learning rate", defaultValue = "0.001", min = 0) double learningRate,
    @Setting(value = "decoupled weight decay of matrices", defaultValue = "0.01", min = 0)
        double weightDecay,
    @Setting(
            value = "share of all steps in which the learning rate rises to its peak",
            defaultValue = "0.05",
            min = 0,
            max = 1)
        double warmup,
    @Setting(value = "how the learning rate falls after that", defaultValue = "cosine") Decay decay,
    @Setting(value = "global gradient norm to clip at", defaultValue = "1", min = 1e-12)
        double maxGradientNorm,
    @Setting(value = "examples held at once to draw from", defaultValue = "10000", min = 1)
        int shuffleBuffer) {}
