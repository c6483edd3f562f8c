package io.recant.core.crowd;

import java.io.Serializable;

/** How an annotator answers where the true class is known. */
public interface AnnotatorModel extends Serializable {

  /**
   * The probability of an answer.
   *
   * @param strength how many answers the pooled annotator weighs as much as; above 0
   */
  double probability(int annotator, int truth, int answer, double strength);
}
