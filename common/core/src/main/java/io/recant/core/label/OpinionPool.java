package io.recant.core.label;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Several models' probabilities as one: the logarithmic opinion pool {@code softmax(sum_m a_m log
 * p_m)} (Genest and Zidek, 1986), with the exponents a_m &gt;= 0 under which the given labels are
 * likeliest on rows no model saw. An exponent is a model's weight over its temperature, so models
 * that are too sure of themselves are tempered in passing; a model that adds nothing has 0.
 *
 * @param exponents one per model, not negative
 */
public record OpinionPool(double[] exponents) implements Serializable {

  private static final double FLOOR = 1e-9;
  private static final double RIDGE = 1e-3;
  private static final int ROUNDS = 200;
  private static final double ENOUGH = 1e-7;

  /**
   * A row to learn from.
   *
   * @param given index of the given class
   * @param p [model][class]
   */
  public record Labelled(int given, double[][] p) implements Serializable {}

  /**
   * The exponents with the least mean {@code -log} of the given label, plus {@code 0.0005 |a -
   * 1/M|^2}, which decides between models that say the same. The loss is convex in them; projected
   * gradient descent with halving steps. One model alone is tempered; equal exponents where there
   * is no row.
   */
  public static OpinionPool fit(List<Labelled> rows, int models) {
    double[] a = new double[models];
    Arrays.fill(a, 1.0 / models);
    double loss = loss(rows, a);
    double step = 1;
    for (int round = 0; round < ROUNDS && step > ENOUGH && !rows.isEmpty(); round++) {
      double[] gradient = gradient(rows, a);
      double[] next = moved(a, gradient, step);
      double reached = loss(rows, next);
      while (reached > loss && step > ENOUGH) {
        step /= 2;
        next = moved(a, gradient, step);
        reached = loss(rows, next);
      }
      if (reached > loss) {
        break;
      }
      boolean settled = loss - reached < 1e-10;
      a = next;
      loss = reached;
      step *= 1.5;
      if (settled) {
        break;
      }
    }
    return new OpinionPool(a);
  }

  /**
   * The joint probabilities of one row, which sum to 1.
   *
   * @param p [model][class]
   */
  public double[] join(double[][] p) {
    return join(exponents, p);
  }

  /**
   * The same where some models say nothing: the others' exponents are scaled to the sum of all;
   * where theirs are 0, they count alike.
   *
   * @param p [model][class], empty where a model says nothing; one at least is not
   */
  public double[] joinThose(double[][] p) {
    int[] there = IntStream.range(0, p.length).filter(m -> p[m].length > 0).toArray();
    double all = Arrays.stream(exponents).sum();
    double those = Arrays.stream(there).mapToDouble(m -> exponents[m]).sum();
    double[] a = new double[there.length];
    double[][] present = new double[there.length][];
    for (int i = 0; i < there.length; i++) {
      a[i] = those > 0 ? exponents[there[i]] * all / those : all / there.length;
      present[i] = p[there[i]];
    }
    return join(a, present);
  }

  private static double[] join(double[] a, double[][] p) {
    double[] joint = new double[p[0].length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < joint.length; k++) {
      for (int m = 0; m < a.length; m++) {
        joint[k] += a[m] * log(p[m][k]);
      }
      largest = Math.max(largest, joint[k]);
    }
    double sum = 0;
    for (int k = 0; k < joint.length; k++) {
      joint[k] = Math.exp(joint[k] - largest);
      sum += joint[k];
    }
    for (int k = 0; k < joint.length; k++) {
      joint[k] /= sum;
    }
    return joint;
  }

  private static double loss(List<Labelled> rows, double[] a) {
    double sum = 0;
    for (Labelled row : rows) {
      sum -= Math.log(Math.max(1e-300, join(a, row.p())[row.given()]));
    }
    double ridge = 0;
    for (double exponent : a) {
      ridge += (exponent - 1.0 / a.length) * (exponent - 1.0 / a.length);
    }
    return sum / Math.max(1, rows.size()) + RIDGE / 2 * ridge;
  }

  /** Per row and model: the expected log p_m under the pool, less that of the given label. */
  private static double[] gradient(List<Labelled> rows, double[] a) {
    double[] gradient = new double[a.length];
    for (Labelled row : rows) {
      double[] joint = join(a, row.p());
      for (int m = 0; m < a.length; m++) {
        double slope = -log(row.p()[m][row.given()]);
        for (int k = 0; k < joint.length; k++) {
          slope += joint[k] * log(row.p()[m][k]);
        }
        gradient[m] += slope / rows.size();
      }
    }
    for (int m = 0; m < a.length; m++) {
      gradient[m] += RIDGE * (a[m] - 1.0 / a.length);
    }
    return gradient;
  }

  private static double[] moved(double[] a, double[] gradient, double step) {
    double[] next = new double[a.length];
    Arrays.setAll(next, m -> Math.max(0, a[m] - step * gradient[m]));
    return next;
  }

  private static double log(double x) {
    return Math.log(Math.max(FLOOR, x));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpinionPool pool && Arrays.equals(exponents, pool.exponents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(exponents);
  }

  @Override
  public String toString() {
    return "exponents " + Arrays.toString(exponents);
  }
}
