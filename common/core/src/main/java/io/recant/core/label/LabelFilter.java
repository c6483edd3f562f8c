package io.recant.core.label;

/** Which rows confident learning flags: the seven filters of cleanlab 2.9 and its batched form. */
public enum LabelFilter {
  /**
   * For each given k and other j, the C[k][j] rows with the largest p_j - p_k; cleanlab's default.
   */
  PRUNE_BY_NOISE_RATE,
  /** For each given k, the n_k - C[k][k] rows with the lowest p_k. */
  PRUNE_BY_CLASS,
  /** What both of these flag. */
  BOTH,
  /** Rows confident of another class than the given one. */
  CONFIDENT_LEARNING,
  /** Rows whose arg max is another class. */
  PREDICTED_NEQ_GIVEN,
  /** The N rows with the lowest margin, N the estimated number of errors. */
  LOW_NORMALIZED_MARGIN,
  /** The N rows with the lowest p_y. */
  LOW_SELF_CONFIDENCE,
  /** The same with N as cleanlab's two-pass batched form counts it. */
  BATCHED
}
