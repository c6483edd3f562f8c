package io.recant.core.crowd;

import java.io.Serializable;
import java.util.Optional;

/**
 * A method being fitted to the answers of a corpus, but for those of a fold: pass by pass, each a
 * {@link ConfusionCounts} of {@link #model} over all samples.
 *
 * <p>Expectation-maximisation begins at the majority vote and ends where a pass changes the log
 * probability of the answers by less than 1e-5 of itself, or after 100 passes. Answers to a sample
 * of many classes are settled long before parameters stop to creep.
 */
public final class Fit implements Serializable {

  private static final double LEAST_CHANGE = 1e-5;
  private static final int MOST_PASSES = 100;

  private final Method method;
  private final int without;
  private TruthModel model;
  private ConfusionCounts counts;
  private double logEvidence = Double.NaN;
  private int passes;
  private boolean settled;

  /** A method that has seen nothing yet. */
  public Fit(Method method, int without, int classes) {
    this.method = method;
    this.without = without;
    model = VoteShares.uniform(classes);
  }

  /** The method. */
  public Method method() {
    return method;
  }

  /** The fold it does not see, or {@link Answers#ALL}. */
  public int without() {
    return without;
  }

  /** How answers are read at present. */
  public TruthModel model() {
    return model;
  }

  /** Whether another pass would change nothing. */
  public boolean settled() {
    return settled;
  }

  /** How many passes were made. */
  public int passes() {
    return passes;
  }

  /** What {@link #model} counted; after the first pass. */
  public ConfusionCounts counts() {
    return counts;
  }

  /**
   * Takes in what the model counted.
   *
   * @param agreement with the vote; only {@link Method#CROWDLAB} needs it, after its second pass
   */
  public void after(ConfusionCounts pass, Optional<VoteAgreement> agreement) {
    counts = pass;
    passes++;
    if (passes == 1) {
      model = new VoteShares(pass.shares());
    } else if (method == Method.CROWDLAB && passes == 2) {
      model = Crowdlab.of(agreement.orElseThrow(), pass.classes());
    } else if (!method.iterates()) {
      settled = true;
    } else if (passes > 2 && (still(pass.logEvidence()) || passes > MOST_PASSES)) {
      settled = true;
    } else {
      logEvidence = passes > 2 ? pass.logEvidence() : Double.NaN;
      model = method.model(pass);
    }
  }

  private boolean still(double now) {
    return Math.abs(now - logEvidence) <= LEAST_CHANGE * Math.abs(now);
  }
}
