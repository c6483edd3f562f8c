package io.recant.core.crowd;

import java.util.Locale;

/** A way to a consensus. */
public enum Method {
  /** {@link VoteShares}. */
  MAJORITY,
  /** {@link ConfusionModel}, every annotator a matrix of its own; a weak prior. */
  DAWID_SKENE,
  /** The same, matrices drawn toward the pooled annotator: for annotators with few answers. */
  POOLED_DAWID_SKENE,
  /** The same, every annotator one number: for fewer answers still. */
  ONE_COIN,
  /** {@link Crowdlab}: annotators and a model. */
  CROWDLAB;

  /**
   * A tenth of an answer: enough that no probability is zero, too little to move one that answers
   * speak for. Chosen, as the rule by which {@link Fit} stops, on the corpora of {@code recant
   * bench annotators}, whose truth was known: its figures are no independent evidence for either.
   */
  private static final double WEAK = 0.1;

  /** Four answers: the pooled annotator is given up after a handful of answers of a class. */
  private static final double FEW = 4;

  /** Its name: {@code dawid-skene}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The method of that name, or an {@link IllegalArgumentException}. */
  public static Method of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Whether it is fitted by expectation-maximisation. */
  boolean iterates() {
    return this == DAWID_SKENE || this == POOLED_DAWID_SKENE || this == ONE_COIN;
  }

  /** Whether it holds classes times classes numbers an annotator. */
  public boolean needsMatrices() {
    return this == DAWID_SKENE || this == POOLED_DAWID_SKENE;
  }

  /** The most probable parameters under expected counts. */
  ConfusionModel model(ConfusionCounts counts) {
    return this == ONE_COIN
        ? ConfusionModel.of(counts, ConfusionCounts.Detail.ONE_COIN, FEW)
        : ConfusionModel.of(
            counts, ConfusionCounts.Detail.MATRIX, this == DAWID_SKENE ? WEAK : FEW);
  }
}
