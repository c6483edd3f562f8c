package io.recant.jobs.repair;

import java.io.Serializable;
import java.util.List;

/**
 * What a sample's target should be.
 *
 * @param of the sample
 * @param target the suggestion, other than the given target
 * @param right how often such a suggestion is right where the given target is wrong; NaN where
 *     canaries cannot tell
 * @param second the next best; null where there is none
 * @param secondRight how often the next best is right then; NaN where not known
 * @param known how many canaries with a suggestion at least as strong that rests on
 * @param sources what says the same by itself
 */
record Suggestion(
    Candidate of,
    String target,
    double right,
    String second,
    double secondRight,
    double known,
    List<String> sources)
    implements Serializable {

  private static final double PLACES = 1e4;

  /** P(the suggestion is right) = P(the given target is wrong) right, to four places; or null. */
  Double pSuggested() {
    return rounded(of.pBad() * right);
  }

  /** P(the given target is right), to four places. */
  double pGiven() {
    return rounded(1 - of.pBad());
  }

  /** P(the next best is right), to four places; or null. */
  Double pSecond() {
    return rounded(of.pBad() * secondRight);
  }

  /** Whether the suggestion is likelier than the given target; no row should be made worse. */
  boolean likelier() {
    return !Double.isNaN(right) && pSuggested() > pGiven();
  }

  /** The same where p_bad is no probability, so that none can follow from it. */
  Suggestion unweighed() {
    return new Suggestion(of, target, Double.NaN, second, Double.NaN, 0, sources);
  }

  private static Double rounded(double p) {
    return Double.isNaN(p) ? null : Math.rint(p * PLACES) / PLACES;
  }
}
