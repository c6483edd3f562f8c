package io.recant.core.crowd;

import io.recant.core.label.ExactSums;
import java.io.Serializable;

/**
 * How well a consensus foretells answers it was not shown: sum over held-out answers of
 *
 * <pre>log sum_k p(k | the other answers) P_j(answer | k)</pre>
 *
 * <p>Methods are compared on the same answers and by the same model of annotators, so that the
 * consensus is what differs: P_j is the annotator's confusion matrix under the method's own
 * consensus, drawn toward the pooled annotator by a strength that is chosen for each method where
 * it does best. A mergeable state.
 */
public final class HeldOut implements Serializable {

  private static final double[] STRENGTHS = {0.5, 1, 2, 4, 8, 16, 32};

  private final ExactSums logs = new ExactSums(STRENGTHS.length);
  private long answers;

  /** Takes in the answers of the fold that a fit has not seen. */
  public HeldOut add(Answers block, Fit fit, AnnotatorModel annotators) {
    double[] p = new double[block.classes()];
    for (int s = 0; s < block.samples(); s++) {
      boolean inferred = false;
      for (int i = block.start(s); i < block.start(s + 1); i++) {
        if (block.fold(i) != fit.without()) {
          continue;
        }
        if (!inferred) {
          fit.model().infer(block, s, fit.without(), p);
          inferred = true;
        }
        answers++;
        for (int a = 0; a < STRENGTHS.length; a++) {
          double sum = 0;
          for (int k = 0; k < p.length; k++) {
            sum +=
                p[k] * annotators.probability(block.annotator(i), k, block.answer(i), STRENGTHS[a]);
          }
          logs.add(a, Math.log(sum));
        }
      }
    }
    return this;
  }

  /** Takes another's answers in. */
  public HeldOut merge(HeldOut other) {
    logs.merge(other.logs);
    answers += other.answers;
    return this;
  }

  /** How many answers were held out. */
  public long answers() {
    return answers;
  }

  /** Mean log probability of a held-out answer, in nats; 0 without any. */
  public double logLikelihood() {
    double best = Double.NEGATIVE_INFINITY;
    for (int a = 0; a < STRENGTHS.length; a++) {
      best = Math.max(best, logs.get(a));
    }
    return answers == 0 ? 0 : best / answers;
  }
}
