package io.recant.ml.unlearn;

import io.recant.ml.train.TrainingRun;
import java.util.Locale;

/**
 * How an unlearning ended.
 *
 * @param steps updates made to the model
 * @param stop why it ended
 * @param words the same in words, with what there is to say
 */
public record UnlearningResult(long steps, Stop stop, String words) {

  /** Why an unlearning ended. */
  public enum Stop {
    /** It did everything its settings ask. */
    COMPLETED,
    /** The forget loss reached its ceiling: nothing more is known there. */
    FORGET_CEILING,
    /** The held-back retain loss no longer falls. */
    RETAIN_SETTLED,
    /** The task's limit on steps. */
    STEP_LIMIT,
    /** There is nothing to forget: the model is as it was. */
    NOTHING_TO_FORGET,
    /** A loss was no number any more; the model is the last good one. */
    NOT_FINITE
  }

  /** An end whose name says all. */
  public UnlearningResult(long steps, Stop stop) {
    this(steps, stop, stop.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  /** The end of a run that had a step of no finite loss. */
  static UnlearningResult notFinite(TrainingRun run) {
    return new UnlearningResult(run.steps(), Stop.NOT_FINITE, run.failure().orElseThrow());
  }
}
