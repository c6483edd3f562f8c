package io.recant.ml.metric;

/**
 * What can be read off a model about an evaluation row beside how likely it finds the row's target.
 * Each costs time, so a metric says which it needs.
 */
public enum Reading {
  /** How likely the row's other answers are: the paraphrased one and the wrong ones. */
  ALTERNATIVES,
  /** What the model answers, word by word always the likeliest. */
  ANSWER,
  /** How the model goes on once it is given the input and the first half of the target. */
  CONTINUATION,
  /** How far the row would move the model: the norm of its loss's gradient. */
  GRADIENT,
  /** How likely forgotten targets are once the model was shown a few others of the forget set. */
  RELEARNT,
  /** How likely forgotten targets are once the model's weights are rounded to four bits. */
  ROUNDED
}
