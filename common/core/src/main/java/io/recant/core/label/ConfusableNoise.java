package io.recant.core.label;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Labels that people got wrong because the row is hard: errors are more frequent where a model is
 * unsure too, and land on the classes it, or people, confuse. With p a model's probabilities and q
 * its calibrated ones,
 *
 * <pre>
 * q_k  proportional to p_k^sharpness
 * e    = sigmoid(base + slope log((1 - max q) / max q))              how often a label is wrong
 * s_kg = p_g^spread A_kg / sum over j != k of p_j^spread A_kj        what a wrong label of class k is
 * P(given g) = q_g (1 - e) + e sum over k != g of q_k s_kg
 * </pre>
 *
 * <p>With slope 0 every row is as likely to be mislabelled as any other. The confusions A matter
 * more than they seem to: without them, what people confuse looks like doubt of the model, its
 * sharpness comes out too low, and errors too few. {@link ConfusableNoiseFit} finds the parameters.
 * Ours; derived, not published. That noise which depends on the row cannot be told from ignorance
 * of the model without some such form: Xia et al., Part-dependent label noise, NeurIPS 2020.
 *
 * @param sharpness exponent that calibrates the model's probabilities to the truth, positive
 * @param spread exponent of the confusions: 0 is any class alike, positive
 * @param base log-odds of an error where the model is undecided
 * @param slope how errors grow with the model's doubt
 * @param confusions A[true][given], how much oftener than p says one class is given for another: 1
 *     on average off the diagonal, 0 on it
 */
public record ConfusableNoise(
    double sharpness, double spread, double base, double slope, double[][] confusions)
    implements Serializable {

  /** A probability below this counts as this. */
  static final double SMALLEST = 1e-9;

  /** Noise in which classes are confused as the model's probabilities alone say. */
  public static ConfusableNoise alike(
      double sharpness, double spread, double base, double slope, int classes) {
    double[][] even = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      Arrays.fill(even[k], 1);
      even[k][k] = 0;
    }
    return new ConfusableNoise(sharpness, spread, base, slope, even);
  }

  /** How many classes there are. */
  public int classes() {
    return confusions.length;
  }

  /** The probability of the given label, split into right and wrong; sums to P(given). */
  double[] split(int given, double[] p) {
    Terms terms = terms(p);
    return new double[] {terms.right(given), terms.wrong(given)};
  }

  /** The probability that the given label is wrong, in [0, 1]. */
  public double wrong(int given, double[] p) {
    double[] split = split(given, p);
    return split[1] / Math.max(SMALLEST * SMALLEST, split[0] + split[1]);
  }

  /** The true class once the given one is known, one probability a class; sums to 1. */
  public double[] truth(int given, double[] p) {
    Terms terms = terms(p);
    double[] truth = new double[p.length];
    double all = 0;
    for (int k = 0; k < p.length; k++) {
      truth[k] = k == given ? terms.right(given) : terms.wrong(k, given);
      all += truth[k];
    }
    for (int k = 0; k < p.length; k++) {
      truth[k] = all <= 0 ? 1.0 / p.length : truth[k] / all;
    }
    return truth;
  }

  /**
   * How many errors there are with rows such as this one, for each right row: P(the given label is
   * right) e / (1 - e); what canaries are drawn in proportion to.
   */
  public double errors(int given, double[] p) {
    Terms terms = terms(p);
    double right = terms.right(given);
    double all = Math.max(SMALLEST, right + terms.wrong(given));
    return right / all * terms.error / (1 - terms.error);
  }

  /** How often a row of a true class is given each other class when it is mislabelled; 0 for it. */
  public double[] confusions(int truth, double[] p) {
    Terms terms = terms(p);
    double[] shares = new double[p.length];
    for (int g = 0; g < p.length; g++) {
      shares[g] = terms.confusion(truth, g);
    }
    return shares;
  }

  /** log p, the largest 0. */
  static double[] logs(double[] p) {
    double[] logs = new double[p.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < p.length; k++) {
      logs[k] = Math.log(Math.max(SMALLEST, p[k]));
      largest = Math.max(largest, logs[k]);
    }
    for (int k = 0; k < p.length; k++) {
      logs[k] -= largest;
    }
    return logs;
  }

  private Terms terms(double[] p) {
    return new Terms(p.length).set(this, logs(p));
  }

  /** What the formulas need of one row; set anew for the next. */
  static final class Terms {

    private final double[] q;
    private final double[] w;
    private final double[] reach;
    private double[][] confusions;
    private double error;

    Terms(int classes) {
      q = new double[classes];
      w = new double[classes];
      reach = new double[classes];
    }

    /** Takes a row's log-probabilities, the largest 0. */
    Terms set(ConfusableNoise noise, double[] logs) {
      confusions = noise.confusions;
      double all = 0;
      for (int k = 0; k < q.length; k++) {
        q[k] = Math.exp(noise.sharpness * logs[k]);
        w[k] = Math.exp(noise.spread * logs[k]);
        all += q[k];
      }
      for (int k = 0; k < q.length; k++) {
        q[k] /= all;
        double sum = 0;
        double[] own = confusions[k];
        for (int j = 0; j < q.length; j++) {
          sum += w[j] * own[j];
        }
        reach[k] = Math.max(SMALLEST * SMALLEST, sum);
      }
      double surest = 1 / all;
      double doubt = Math.log(Math.max(1e-6, 1 - surest) / surest);
      error = 1 / (1 + Math.exp(-(noise.base + noise.slope * doubt)));
      return this;
    }

    /** P(the label is given, and right). */
    double right(int given) {
      return q[given] * (1 - error);
    }

    /** P(the label is given, and wrong). */
    double wrong(int given) {
      double wrong = 0;
      for (int k = 0; k < q.length; k++) {
        wrong += wrong(k, given);
      }
      return wrong;
    }

    /** P(the class is k and the label given is another, this one). */
    double wrong(int k, int given) {
      return error * q[k] * confusion(k, given);
    }

    /** s_kg. */
    double confusion(int k, int given) {
      return w[given] * confusions[k][given] / reach[k];
    }
  }
}
