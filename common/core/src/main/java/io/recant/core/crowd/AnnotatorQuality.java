package io.recant.core.crowd;

import java.io.Serializable;

/**
 * What one annotator's answers are worth.
 *
 * @param answers how many there are
 * @param accuracy expected share that is right
 * @param information how many bits an answer tells of the true class: the mutual information of the
 *     two. 0 for one who answers whatever the sample is; an annotator who always errs the same way
 *     tells as much as one who is always right
 * @param truth the true class of the most frequent confusion; -1 where there is none
 * @param confusedWith what it is called
 * @param confusions expected number of those answers
 */
public record AnnotatorQuality(
    double answers,
    double accuracy,
    double information,
    int truth,
    int confusedWith,
    double confusions)
    implements Serializable {

  /** Information is read off a matrix drawn toward the pooled one by so many answers a class. */
  private static final double STRENGTH = 4;

  /** Less than half an answer is no confusion. */
  private static final double LEAST = 0.5;

  /** Qualities of the annotators that are counted. */
  public static AnnotatorQuality[] of(ConfusionCounts counts) {
    AnnotatorModel model = counts.annotatorModel();
    double[] shares = counts.shares();
    AnnotatorQuality[] qualities = new AnnotatorQuality[counts.annotators()];
    for (int j = 0; j < qualities.length; j++) {
      qualities[j] =
          counts.detail() == ConfusionCounts.Detail.MATRIX
              ? ofMatrix(counts, model, shares, j)
              : ofCoin(counts, model, j);
    }
    return qualities;
  }

  private static AnnotatorQuality ofMatrix(
      ConfusionCounts counts, AnnotatorModel model, double[] shares, int j) {
    double information = 0;
    int truth = -1;
    int answer = -1;
    double most = LEAST;
    for (int y = 0; y < shares.length; y++) {
      double marginal = 0;
      for (int k = 0; k < shares.length; k++) {
        marginal += shares[k] * model.probability(j, k, y, STRENGTH);
      }
      for (int k = 0; k < shares.length; k++) {
        double p = model.probability(j, k, y, STRENGTH);
        information += shares[k] * p * log2(p / marginal);
        if (k != y && counts.count(j, k, y) > most) {
          most = counts.count(j, k, y);
          truth = k;
          answer = y;
        }
      }
    }
    return new AnnotatorQuality(
        counts.answers(j),
        accuracy(counts, j),
        Math.max(0, information),
        truth,
        answer,
        truth < 0 ? 0 : most);
  }

  private static AnnotatorQuality ofCoin(ConfusionCounts counts, AnnotatorModel model, int j) {
    int classes = counts.classes();
    double right = model.probability(j, 0, 0, STRENGTH);
    double wrong = 1 - right;
    double information =
        classes == 1
            ? 0
            : log2(classes)
                + right * log2(right)
                + (wrong > 0 ? wrong * log2(wrong / (classes - 1)) : 0);
    return new AnnotatorQuality(
        counts.answers(j), accuracy(counts, j), Math.max(0, information), -1, -1, 0);
  }

  private static double accuracy(ConfusionCounts counts, int j) {
    return counts.right(j) / counts.answers(j);
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
