package io.recant.ml.metric;

/**
 * What a model says about one evaluation row.
 *
 * @param part the part of the evaluation the row belongs to
 * @param affected whether the damage reaches rows like this one
 * @param target the model on the true target
 * @param falseTarget the model on the false target the damage put in its place; null where there is
 *     none
 */
public record ScoredRow(Part part, boolean affected, Answer target, Answer falseTarget) {

  /** The parts of an evaluation. */
  public enum Part {
    /** Clean rows nothing was trained on. */
    TEST,
    /** Training rows whose target was damaged. */
    CORRUPTED,
    /** The forget set, with the targets the untouched model was trained on. */
    FORGOTTEN,
    /** Kept training rows. */
    RETAINED
  }

  /**
   * A model's view of one target.
   *
   * @param logProbability log-probability of the whole target, in nats
   * @param tokens how many tokens it has
   * @param matches at how many of them it is the model's first choice
   * @param matchedTail at how many at the end, without a gap
   * @param leastLikely mean log-probability of the least likely two fifths of the tokens, in nats
   * @param leastStandardised the same of log-probabilities standardised by the model's own
   *     distribution at each token
   * @param compressedBytes how long the target's text is for zlib, in bytes
   */
  public record Answer(
      double logProbability,
      int tokens,
      int matches,
      int matchedTail,
      double leastLikely,
      double leastStandardised,
      int compressedBytes) {

    /** Probability per token: exp of the mean token log-probability, in [0, 1]. */
    public double probability() {
      return tokens == 0 ? 1 : Math.exp(logProbability / tokens);
    }

    /** Whether every token is the model's first choice. */
    public boolean exact() {
      return matches == tokens;
    }
  }
}
