package io.recant.ml.metric;

import java.util.List;

/**
 * What a model says about one evaluation row. A part that was not asked for, or that the row cannot
 * give, is null.
 *
 * @param id the row, unique within its part
 * @param part the part of the evaluation it belongs to
 * @param set what its scores are called: the part, or the name of a probe
 * @param affected whether the damage reaches rows like this one
 * @param target the model on the true target
 * @param falseTarget the model on the false target the damage put in its place
 * @param alternatives the model on the row's other answers
 * @param answer what the model answers
 * @param continuation how it goes on from the middle of the target
 * @param gradient norm of the gradient of the target's mean token loss
 * @param relearnt the model on the target after it was shown other rows of the forget set
 * @param rounded the model on the target with its weights rounded to four bits
 */
public record ScoredRow(
    String id,
    Part part,
    String set,
    boolean affected,
    Answer target,
    Answer falseTarget,
    Alternatives alternatives,
    Said answer,
    Said continuation,
    Double gradient,
    Answer relearnt,
    Answer rounded) {

  /** The parts of an evaluation. */
  public enum Part {
    /** Clean rows nothing was trained on. */
    TEST,
    /** Training rows whose target was damaged. */
    CORRUPTED,
    /** The forget set, with the targets the untouched model was trained on. */
    FORGOTTEN,
    /** Kept training rows. */
    RETAINED,
    /** Rows of splits beside train and test: questions asked on purpose, each split a set. */
    PROBE
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

    /** Mean negative log-likelihood of a token, in nats; 0 for an empty target. */
    public double meanLoss() {
      return tokens == 0 ? 0 : -logProbability / tokens;
    }

    /** Probability per token: exp of the mean token log-probability, in [0, 1]. */
    public double probability() {
      return Math.exp(-meanLoss());
    }

    /** Whether every token is the model's first choice. */
    public boolean exact() {
      return matches == tokens;
    }
  }

  /**
   * A model's view of answers other than the target.
   *
   * @param paraphrased on the true answer in other words; null where the row has none
   * @param wrong on wrong answers, at least one
   */
  public record Alternatives(Answer paraphrased, List<Answer> wrong) {

    public Alternatives {
      wrong = List.copyOf(wrong);
    }
  }

  /**
   * What a model wrote.
   *
   * @param expected what stands there in truth
   * @param accepted what would be as true
   * @param said what the model wrote
   */
  public record Said(String expected, List<String> accepted, String said) {

    public Said {
      accepted = List.copyOf(accepted);
    }

    /** What has one true continuation only. */
    public Said(String expected, String said) {
      this(expected, List.of(), said);
    }
  }

  String key() {
    return part + "/" + id;
  }

  /**
   * The truth ratio (Maini et al., TOFU, 2024): how likely wrong answers are beside the right one,
   * {@code exp(mean over wrong answers of -l) / exp(-l of the paraphrased answer)}, l the mean
   * token loss; the answer itself where there is no paraphrase. 0 where only the truth is likely, 1
   * where the model cannot tell. NaN without alternatives.
   */
  double truthRatio() {
    if (alternatives == null) {
      return Double.NaN;
    }
    double wrong =
        alternatives.wrong().stream()
            .mapToDouble(answer -> -answer.meanLoss())
            .average()
            .orElse(Double.NaN);
    Answer right = alternatives.paraphrased() == null ? target : alternatives.paraphrased();
    return Math.exp(wrong + right.meanLoss());
  }

  /**
   * How likely the target is a token; where the row is a choice (wrong answers and no paraphrase),
   * as a share of all its answers.
   */
  double choiceProbability() {
    if (alternatives == null || alternatives.paraphrased() != null) {
      return target.probability();
    }
    double all = target.probability();
    for (Answer wrong : alternatives.wrong()) {
      all += wrong.probability();
    }
    return all == 0 ? 0 : target.probability() / all;
  }
}
