package io.recant.ml.reading;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;

/** How the readings that cost time are taken. */
public record ReadingSettings(
    @Setting(value = "The longest answer a model may give, in tokens", defaultValue = "96", min = 1)
        int answerTokens,
    @Setting(
            value = "Of each set at most so many rows are answered, or have their gradient taken",
            defaultValue = "400",
            min = 1)
        int answerRows,
    @Setting(
            value =
                "For relearning: how many forgotten rows are shown again; the others are measured",
            defaultValue = "20",
            min = 1)
        int shownRows,
    @Setting(
            value = "For relearning: how they are shown",
            defaultValue =
                "{epochs: 10, batch_size: 10, learning_rate: 0.0005, weight_decay: 0, decay: constant}")
        OptimizationSettings showing) {}
