package io.recant.ml.unlearn;

import io.recant.core.registry.Extension;

/**
 * A way to make a model behave as if it had never been trained on the forget set. It knows the
 * model only through {@link io.recant.ml.model.Model}, so it works on classifiers and language
 * models alike.
 *
 * @param <S> the method's settings
 */
public interface UnlearningMethod<S extends Record> extends Extension<S> {

  /** Whether the task has to bring the frozen starting model. */
  default boolean needsReference(S settings) {
    return false;
  }

  /**
   * Changes the task's model in place. Where a step's loss is no longer finite it ends with the
   * last good model.
   *
   * @throws io.recant.core.error.StepException when the loss of the first step is not finite
   */
  UnlearningResult unlearn(S settings, UnlearningTask task);
}
