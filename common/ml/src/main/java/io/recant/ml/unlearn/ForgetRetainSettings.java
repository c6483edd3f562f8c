package io.recant.ml.unlearn;

/**
 * What every method sets that minimises {@code gamma * forget + alpha * retain} with one of the
 * usual retain terms.
 */
interface ForgetRetainSettings extends PassSettings {

  /** What {@link #retainTerm} is, in words. */
  String RETAIN_TERM = "what holds the retain set: its targets, or the starting model's answers";

  RetainTerm retainTerm();
}
