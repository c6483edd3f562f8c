package io.recant.ml.unlearn;

/**
 * How an unlearning ended.
 *
 * @param steps updates made to the model
 * @param stop why it ended
 */
public record UnlearningResult(long steps, Stop stop) {

  /** Why an unlearning ended. */
  public enum Stop {
    /** It did everything its settings ask. */
    COMPLETED,
    /** The forget loss reached its ceiling: nothing more is known there. */
    FORGET_CEILING,
    /** The held-back retain loss no longer falls. */
    RETAIN_SETTLED,
    /** The task's limit on steps. */
    STEP_LIMIT
  }
}
