package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.ml.train.OptimizationSettings;

/** What methods set that train the last layers alone; defaults for small models. */
public record LastLayersSettings(
    @Setting(
            value = "how many layers from the last, weights of one name up to its last dot",
            defaultValue = "1",
            min = 1)
        int layers,
    @Setting(
            value = "steps over the retain set",
            defaultValue = "{epochs: 5, batch_size: 64, learning_rate: 0.001}")
        OptimizationSettings training) {

  /** Every epoch on the whole retain set: nothing held back, no early stop. */
  FineTune.Settings tuning() {
    return new FineTune.Settings(training, 0, 0);
  }
}
