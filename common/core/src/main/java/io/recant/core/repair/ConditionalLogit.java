package io.recant.core.repair;

import io.recant.core.label.ExactSums;
import java.io.Serializable;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/**
 * Which of several alternatives a row takes, by what is known of each (McFadden 1974):
 *
 * <pre>P(k) = exp(w . x_k) / sum over the alternatives l of exp(w . x_l)</pre>
 *
 * <p>Used for the true class of a row whose given one is wrong: every class but the given one is an
 * alternative.
 *
 * @param weights one per feature
 */
public record ConditionalLogit(double[] weights) implements Serializable {

  /**
   * The probability of each alternative; sums to 1.
   *
   * @param features of every alternative
   * @param excluded one that is none: its probability is 0; -1 for none such
   */
  public double[] probabilities(double[][] features, int excluded) {
    double[] p = new double[features.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < p.length; k++) {
      p[k] = k == excluded ? Double.NEGATIVE_INFINITY : dot(features[k]);
      largest = Math.max(largest, p[k]);
    }
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      p[k] = k == excluded ? 0 : Math.exp(p[k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < p.length; k++) {
      p[k] /= sum;
    }
    return p;
  }

  private double dot(double[] x) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i] * x[i];
    }
    return sum;
  }

  /**
   * A fit under way, by Newton's method on the likelihood times a normal prior (standard deviation
   * 1) around the weights it starts from: with few rows the start remains. The objective is
   * concave; a step that does not better it is halved.
   */
  public static final class Fit {

    private static final int MOST_PASSES = 40;
    private static final double SMALL_STEP = 1e-6;

    private final double[] prior;
    private final double[] best;
    private final double bestLoss;
    private final double[] tried;
    private final double[] step;
    private final int passes;

    private Fit(
        double[] prior, double[] best, double bestLoss, double[] tried, double[] step, int passes) {
      this.prior = prior;
      this.best = best;
      this.bestLoss = bestLoss;
      this.tried = tried;
      this.step = step;
      this.passes = passes;
    }

    /** A fit that starts from weights, which are the prior's mean. */
    public static Fit from(double[] weights) {
      return new Fit(
          weights.clone(),
          weights.clone(),
          Double.POSITIVE_INFINITY,
          weights.clone(),
          new double[] {Double.POSITIVE_INFINITY},
          0);
    }

    /** Whether no further pass is needed. */
    public boolean resolved() {
      return passes >= MOST_PASSES || largest(step) < SMALL_STEP;
    }

    /** The state of the next pass over the rows. */
    public Pass pass() {
      return new Pass(new ConditionalLogit(tried));
    }

    /** The fit after a pass over all rows. */
    public Fit after(Pass pass) {
      double loss = pass.sums.get(0);
      for (int i = 0; i < prior.length; i++) {
        loss += (tried[i] - prior[i]) * (tried[i] - prior[i]) / 2;
      }
      if (!(loss <= bestLoss)) {
        double[] half = step.clone();
        double[] back = best.clone();
        for (int i = 0; i < half.length; i++) {
          half[i] /= 2;
          back[i] += half[i];
        }
        return new Fit(prior, best, bestLoss, back, half, passes + 1);
      }
      double[] newton = newton(pass);
      double[] next = tried.clone();
      for (int i = 0; i < next.length; i++) {
        next[i] += newton[i];
      }
      return new Fit(prior, tried, loss, next, newton, passes + 1);
    }

    /** The best model so far. */
    public ConditionalLogit model() {
      return new ConditionalLogit(best.clone());
    }

    private double[] newton(Pass pass) {
      int size = prior.length;
      double[][] curvature = new double[size][size];
      double[] slope = new double[size];
      for (int i = 0; i < size; i++) {
        slope[i] = pass.sums.get(1 + i) - (tried[i] - prior[i]);
        for (int j = 0; j < size; j++) {
          curvature[i][j] = pass.sums.get(1 + size + Math.min(i, j) * size + Math.max(i, j));
        }
        curvature[i][i] += 1;
      }
      return new CholeskyDecomposition(new Array2DRowRealMatrix(curvature, false))
          .getSolver()
          .solve(new ArrayRealVector(slope, false))
          .toArray();
    }

    private static double largest(double[] step) {
      double largest = 0;
      for (double s : step) {
        largest = Math.max(largest, Math.abs(s));
      }
      return largest;
    }
  }

  /** Loss, slope and curvature over rows; mergeable, whatever the order. */
  public static final class Pass implements Serializable {

    private static final double LEAST = 1e-300;

    private final ConditionalLogit model;
    private final ExactSums sums;

    private Pass(ConditionalLogit model) {
      this.model = model;
      int size = model.weights.length;
      this.sums = new ExactSums(1 + size + size * size);
    }

    /**
     * Takes a row in.
     *
     * @param features of every alternative
     * @param excluded the alternative that is none; -1 for none such
     * @param taken the alternative taken
     */
    public void add(double[][] features, int excluded, int taken) {
      int size = model.weights.length;
      double[] p = model.probabilities(features, excluded);
      double[] mean = new double[size];
      for (int k = 0; k < p.length; k++) {
        for (int i = 0; i < size; i++) {
          mean[i] += p[k] * features[k][i];
        }
      }
      double[] curvature = new double[size * size];
      for (int k = 0; k < p.length; k++) {
        for (int i = 0; p[k] > 0 && i < size; i++) {
          double di = p[k] * (features[k][i] - mean[i]);
          for (int j = i; j < size; j++) {
            curvature[i * size + j] += di * (features[k][j] - mean[j]);
          }
        }
      }
      sums.add(0, -Math.log(Math.max(LEAST, p[taken])));
      for (int i = 0; i < size; i++) {
        sums.add(1 + i, features[taken][i] - mean[i]);
        for (int j = i; j < size; j++) {
          sums.add(1 + size + i * size + j, curvature[i * size + j]);
        }
      }
    }

    /** Takes another state's rows in. */
    public Pass merge(Pass other) {
      sums.merge(other.sums);
      return this;
    }
  }
}
