package io.recant.ml.unlearn;

import io.recant.ml.train.OptimizationSettings;
import java.util.Optional;

/** What {@link ForgetPasses} has to know. */
interface PassSettings {

  /** What {@link #training} is, in words. */
  String TRAINING = "steps over the forget set";

  /** What {@link #gamma} is, in words. */
  String GAMMA = "factor of the forget term";

  /** What {@link #alpha} is, in words. */
  String ALPHA = "factor of the retain term; 0 leaves the retain set unread";

  /** What {@link #forgetCeiling} is, in words. */
  String CEILING =
      "mean forget loss, nats per token, at which to stop; without one the log of the number of"
          + " answers, the loss of knowing nothing";

  OptimizationSettings training();

  double gamma();

  double alpha();

  Optional<Double> forgetCeiling();
}
