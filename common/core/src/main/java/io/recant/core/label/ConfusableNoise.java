package io.recant.core.label;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.PointValuePair;
import org.apache.commons.math3.optim.SimpleValueChecker;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.SimplexOptimizer;

/**
 * Labels that people got wrong because the row is hard: errors are more frequent where a model is
 * unsure too, and land on the classes it confuses. With p a model's probabilities and q its
 * calibrated ones,
 *
 * <pre>
 * q_k  proportional to p_k^sharpness
 * e    = sigmoid(base + slope log((1 - max q) / max q))       how often a label is wrong
 * s_gk = p_g^spread / sum over j != k of p_j^spread           what a wrong label of true class k is
 * P(given g) = q_g (1 - e) + e sum over k != g of q_k s_gk
 * </pre>
 *
 * <p>fitted to the given labels by maximum likelihood (Nelder and Mead, 1965). With slope 0 every
 * row is as likely to be mislabelled as any other. Ours; derived, not published. That noise which
 * depends on the row cannot be told from ignorance of the model without some such form: Xia et al.,
 * Part-dependent label noise, NeurIPS 2020.
 *
 * @param sharpness exponent that calibrates the model's probabilities to the truth, positive
 * @param spread exponent of the confusions: 0 is any class alike, positive
 * @param base log-odds of an error where the model is undecided
 * @param slope how errors grow with the model's doubt
 */
public record ConfusableNoise(double sharpness, double spread, double base, double slope)
    implements Serializable {

  private static final double SMALLEST = 1e-9;
  private static final int ITERATIONS = 300;

  /**
   * A row to learn from.
   *
   * @param given index of the given class
   * @param p out-of-sample probabilities, of at least two classes
   */
  public record Label(int given, double[] p) {}

  /**
   * A fit.
   *
   * @param noise the parameters
   * @param evidence twice the gain in log-likelihood over the same with slope 0, of the same rows:
   *     chi-squared with one degree of freedom where errors do not depend on doubt
   */
  public record Fit(ConfusableNoise noise, double evidence) {}

  /** Fits rows; some thousands are enough. The same rows in the same order give the same fit. */
  public static Fit fit(List<Label> rows) {
    double[] flat = minimum(rows, new double[] {0.3, -0.5, -2});
    double[] free = minimum(rows, new double[] {flat[0], flat[1], flat[2], 0.1});
    double[] wide = minimum(rows, new double[] {0.5, -0.5, -1.5, 0.3});
    double[] best = loss(rows, wide) < loss(rows, free) ? wide : free;
    return new Fit(of(best), Math.max(0, 2 * (loss(rows, flat) - loss(rows, best))));
  }

  /** The probability of the given label, split into right and wrong; sums to P(given). */
  double[] split(int given, double[] p) {
    double[] q = powers(p, sharpness);
    double all = Arrays.stream(q).sum();
    double[] w = powers(p, spread);
    double others = Arrays.stream(w).sum();
    double error = error(Arrays.stream(q).max().orElse(1) / all);
    double wrong = 0;
    for (int k = 0; k < p.length; k++) {
      if (k != given) {
        wrong += q[k] / all * w[given] / Math.max(SMALLEST, others - w[k]);
      }
    }
    return new double[] {q[given] / all * (1 - error), error * wrong};
  }

  /**
   * How many errors there are with rows such as this one, for each right row: P(the given label is
   * right) e / (1 - e); what canaries are drawn in proportion to.
   */
  public double errors(int given, double[] p) {
    double[] split = split(given, p);
    double[] q = powers(p, sharpness);
    double error = error(Arrays.stream(q).max().orElse(1) / Arrays.stream(q).sum());
    return split[0] / Math.max(SMALLEST, split[0] + split[1]) * error / (1 - error);
  }

  /** How often a row of a true class is given each other class when it is mislabelled; 0 for it. */
  public double[] confusions(int truth, double[] p) {
    double[] w = powers(p, spread);
    w[truth] = 0;
    double all = Arrays.stream(w).sum();
    return Arrays.stream(w).map(x -> x / Math.max(SMALLEST, all)).toArray();
  }

  private double error(double surest) {
    double doubt = Math.log(Math.max(1e-6, 1 - surest) / surest);
    return 1 / (1 + Math.exp(-(base + slope * doubt)));
  }

  /** p_k^exponent, the largest scaled to 1. */
  private static double[] powers(double[] p, double exponent) {
    double largest = SMALLEST;
    for (double x : p) {
      largest = Math.max(largest, x);
    }
    double[] powers = new double[p.length];
    for (int k = 0; k < p.length; k++) {
      powers[k] = Math.exp(exponent * Math.log(Math.max(SMALLEST, p[k]) / largest));
    }
    return powers;
  }

  private static double[] minimum(List<Label> rows, double[] start) {
    PointValuePair found =
        new SimplexOptimizer(new SimpleValueChecker(-1, 1e-7 * rows.size(), ITERATIONS))
            .optimize(
                MaxEval.unlimited(),
                new ObjectiveFunction(point -> loss(rows, point)),
                GoalType.MINIMIZE,
                new InitialGuess(start),
                new NelderMeadSimplex(start.length, 0.2));
    return found.getPoint();
  }

  private static double loss(List<Label> rows, double[] point) {
    ConfusableNoise noise = of(point);
    double sum = 0;
    for (Label row : rows) {
      sum += noise.loss(row);
    }
    return sum;
  }

  private double loss(Label row) {
    double[] split = split(row.given(), row.p());
    return -Math.log(Math.max(1e-12, split[0] + split[1]));
  }

  private static ConfusableNoise of(double[] point) {
    return new ConfusableNoise(
        Math.exp(point[0]), Math.exp(point[1]), point[2], point.length > 3 ? point[3] : 0);
  }
}
