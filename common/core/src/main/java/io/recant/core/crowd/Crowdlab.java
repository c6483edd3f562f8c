package io.recant.core.crowd;

/**
 * CROWDLAB (Goh, Tkachenko, Mueller, 2022): a model's probabilities and the answers, each weighed
 * by how far it beats guessing the most frequent class, with e the error rate of that guess:
 *
 * <pre>
 * p(k) = [w p_model(k) + sum_j a_j (P if Y_j = k else (1 - P) / (K - 1))] / (w + sum_j a_j)
 * a_j = max(1 - (1 - agreement_j) / e, 1e-6)
 * w   = max(1 - error_model / e, 1e-6) sqrt(mean answers a sample)
 * </pre>
 *
 * <p>P is the mean agreement with the vote. Agreement is with the majority vote, over samples of at
 * least two answers; an annotator who has none of those agrees as the mean does. Where everybody
 * agrees on one class (e = 0) all weigh the same.
 */
public final class Crowdlab implements TruthModel {

  private static final double LEAST = 1e-6;

  private final double[] weights;
  private final double modelWeight;
  private final double agreement;

  private Crowdlab(double[] weights, double modelWeight, double agreement) {
    this.weights = weights;
    this.modelWeight = modelWeight;
    this.agreement = agreement;
  }

  static Crowdlab of(VoteAgreement votes, int classes) {
    long rows = 0;
    long modal = 0;
    for (long count : votes.consensus) {
      rows += count;
      modal = Math.max(modal, count);
    }
    double guess = rows == 0 ? 0 : 1 - (double) modal / rows;
    long answers = 0;
    long agreeing = 0;
    for (int j = 0; j < votes.answers.length; j++) {
      answers += votes.answers[j];
      agreeing += votes.agreeing[j];
    }
    double mean = answers == 0 ? 1 : (double) agreeing / answers;
    double[] weights = new double[votes.answers.length];
    for (int j = 0; j < weights.length; j++) {
      double own = votes.answers[j] == 0 ? mean : (double) votes.agreeing[j] / votes.answers[j];
      weights[j] = weight(1 - own, guess);
    }
    double error = votes.predicted == 0 ? 1 : 1 - (double) votes.predictedRight / votes.predicted;
    double each = Math.sqrt((double) votes.votes / Math.max(1, votes.samples));
    return new Crowdlab(weights, weight(error, guess) * each, Math.max(1.0 / classes, mean));
  }

  private static double weight(double error, double guess) {
    return guess == 0 ? 1 : Math.max(1 - error / guess, LEAST);
  }

  /** What an annotator weighs. */
  public double weight(int annotator) {
    return weights[annotator];
  }

  /** What the model weighs. */
  double modelWeight() {
    return modelWeight;
  }

  @Override
  public double infer(Answers answers, int sample, int without, double[] posterior) {
    float[] model = answers.predicted(sample);
    double all = model.length > 0 ? modelWeight : 0;
    for (int k = 0; k < posterior.length; k++) {
      posterior[k] = model.length > 0 ? modelWeight * model[k] : 0;
    }
    for (int i = answers.start(sample); i < answers.start(sample + 1); i++) {
      if (answers.fold(i) == without) {
        continue;
      }
      double weight = weights[answers.annotator(i)];
      all += weight;
      for (int k = 0; k < posterior.length; k++) {
        posterior[k] +=
            weight
                * (answers.answer(i) == k ? agreement : (1 - agreement) / (posterior.length - 1));
      }
    }
    double sum = 0;
    for (int k = 0; k < posterior.length; k++) {
      posterior[k] = all == 0 ? 1 : posterior[k];
      sum += posterior[k];
    }
    for (int k = 0; k < posterior.length; k++) {
      posterior[k] /= sum;
    }
    return 0;
  }

  static int best(float[] p) {
    int best = 0;
    for (int k = 1; k < p.length; k++) {
      best = p[k] > p[best] ? k : best;
    }
    return best;
  }
}
