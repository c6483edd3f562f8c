package io.recant.core.crowd;

/**
 * Majority vote: p(k) = (votes for k + s_k) / (votes + 1), s the classes' shares of the corpus. The
 * one vote of the corpus decides ties in favour of the more frequent class (of equally frequent
 * ones the first) and nothing else; of a sample without answers it is all that is known.
 *
 * @param shares of the classes; they sum to 1
 */
public record VoteShares(double[] shares) implements TruthModel {

  /** A vote in which every class is as frequent as any other. */
  static VoteShares uniform(int classes) {
    double[] shares = new double[classes];
    java.util.Arrays.fill(shares, 1.0 / classes);
    return new VoteShares(shares);
  }

  @Override
  public double infer(Answers answers, int sample, int without, double[] posterior) {
    int[] votes = answers.votes(sample, without);
    double all = 1;
    for (int vote : votes) {
      all += vote;
    }
    for (int k = 0; k < posterior.length; k++) {
      posterior[k] = (votes[k] + shares[k]) / all;
    }
    return 0;
  }
}
