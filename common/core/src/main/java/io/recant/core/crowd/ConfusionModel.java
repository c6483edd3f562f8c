package io.recant.core.crowd;

/**
 * Dawid and Skene's model of answers: the true class is drawn from the class shares, and annotator
 * j answers y with probability pi_j[k][y] where it is k, apart from all others. So p(k | answers)
 * is proportional to share_k times the product of pi_j[k][y_j].
 *
 * <p>Annotators whose errors fall on all other classes alike need one number each, not classes
 * squared: {@link ConfusionCounts.Detail}.
 */
public final class ConfusionModel implements TruthModel {

  private final int classes;
  private final double[] logShares;
  private final double[] logConfusion;
  private final ConfusionCounts.Detail detail;

  private ConfusionModel(
      int classes, double[] logShares, double[] logConfusion, ConfusionCounts.Detail detail) {
    this.classes = classes;
    this.logShares = logShares;
    this.logConfusion = logConfusion;
    this.detail = detail;
  }

  /**
   * The most probable parameters given expected counts (the M step).
   *
   * @param strength of the prior: how many answers the pooled annotator weighs as much as, per
   *     class
   */
  static ConfusionModel of(ConfusionCounts counts, ConfusionCounts.Detail detail, double strength) {
    int classes = counts.classes();
    double[] logShares = counts.shares();
    for (int k = 0; k < classes; k++) {
      logShares[k] = Math.log(logShares[k]);
    }
    AnnotatorModel annotators = counts.annotatorModel(detail);
    double[] log = new double[counts.annotators() * detail.cells(classes)];
    for (int j = 0; j < counts.annotators(); j++) {
      if (detail == ConfusionCounts.Detail.ONE_COIN) {
        log[2 * j] = Math.log(annotators.probability(j, 0, 0, strength));
        log[2 * j + 1] = classes == 1 ? 0 : Math.log(annotators.probability(j, 0, 1, strength));
      } else {
        for (int k = 0; k < classes; k++) {
          for (int y = 0; y < classes; y++) {
            log[(j * classes + y) * classes + k] =
                Math.log(annotators.probability(j, k, y, strength));
          }
        }
      }
    }
    return new ConfusionModel(classes, logShares, log, detail);
  }

  @Override
  public double infer(Answers answers, int sample, int without, double[] posterior) {
    System.arraycopy(logShares, 0, posterior, 0, classes);
    for (int i = answers.start(sample); i < answers.start(sample + 1); i++) {
      if (answers.fold(i) == without) {
        continue;
      }
      int y = answers.answer(i);
      if (detail == ConfusionCounts.Detail.ONE_COIN) {
        int at = 2 * answers.annotator(i);
        for (int k = 0; k < classes; k++) {
          posterior[k] += logConfusion[k == y ? at : at + 1];
        }
      } else {
        int at = (answers.annotator(i) * classes + y) * classes;
        for (int k = 0; k < classes; k++) {
          posterior[k] += logConfusion[at + k];
        }
      }
    }
    return normalise(posterior);
  }

  /** Turns logarithms into probabilities; returns the logarithm of their sum. */
  private static double normalise(double[] log) {
    double most = log[TruthModel.best(log)];
    double sum = 0;
    for (int k = 0; k < log.length; k++) {
      log[k] = Math.exp(log[k] - most);
      sum += log[k];
    }
    for (int k = 0; k < log.length; k++) {
      log[k] /= sum;
    }
    return most + Math.log(sum);
  }
}
