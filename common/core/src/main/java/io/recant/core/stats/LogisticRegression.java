package io.recant.core.stats;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/**
 * Logistic regression with a ridge penalty: the weights that maximise
 *
 * <pre>sum_i p_i log s(m_i) + n_i log s(-m_i) - (1 / 2) sum_j penalty_j w_j^2,
 * m = intercept + w . x,  s(m) = 1 / (1 + exp(-m))</pre>
 *
 * <p>A row counts {@code p_i} times as positive and {@code n_i} times as negative: labels may be
 * soft. Fitted by Newton's method with the step halved until the likelihood rises; the likelihood
 * is concave, so there is one answer. Costs rows times features squared a step.
 *
 * <p>Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, 4.4.
 *
 * @param intercept of the margin
 * @param weights of the margin, one a feature
 */
public record LogisticRegression(double intercept, double[] weights) {

  private static final int MOST_STEPS = 50;
  private static final int MOST_HALVINGS = 30;

  /** Relative to the rows: a likelihood that gains less a row is at its top. */
  private static final double SMALL_GAIN = 1e-9;

  /**
   * Fits the weights.
   *
   * @param features by row, finite, all of one length
   * @param positive how much each row counts as positive, not negative; above 0 for some row
   * @param negative how much each row counts as negative, not negative; above 0 for some row
   * @param penalties of each weight, above 0: the inverse of the variance it is expected to have
   * @throws IllegalArgumentException when there is nothing to tell apart
   */
  public static LogisticRegression fit(
      double[][] features, double[] positive, double[] negative, double[] penalties) {
    if (!(Arrays.stream(positive).sum() > 0) || !(Arrays.stream(negative).sum() > 0)) {
      throw new IllegalArgumentException("there are no positive or no negative rows");
    }
    for (double penalty : penalties) {
      if (!(penalty > 0)) {
        throw new IllegalArgumentException("penalty " + penalty + " is not above 0");
      }
    }
    return new Ascent(features, positive, negative, penalties).top();
  }

  /** The log-odds of being positive. */
  public double margin(double... x) {
    double m = intercept;
    for (int j = 0; j < weights.length; j++) {
      m += weights[j] * x[j];
    }
    return m;
  }

  /** The way up, for standardised features; the first parameter is the intercept. */
  private static final class Ascent {

    private final double[][] rows;
    private final double[] positive;
    private final double[] negative;
    private final double[] mean;
    private final double[] deviation;
    private final double[] penalties;
    private final double total;

    Ascent(double[][] features, double[] positive, double[] negative, double[] penalties) {
      this.positive = positive;
      this.negative = negative;
      total = Arrays.stream(positive).sum() + Arrays.stream(negative).sum();
      int size = features[0].length;
      mean = new double[size];
      deviation = new double[size];
      for (int i = 0; i < features.length; i++) {
        for (int j = 0; j < size; j++) {
          mean[j] += weight(i) * features[i][j] / total;
        }
      }
      for (int i = 0; i < features.length; i++) {
        for (int j = 0; j < size; j++) {
          double d = features[i][j] - mean[j];
          deviation[j] += weight(i) * d * d / total;
        }
      }
      for (int j = 0; j < size; j++) {
        // A feature that is the same everywhere keeps its scale: its weight stays 0.
        deviation[j] = deviation[j] > 0 ? Math.sqrt(deviation[j]) : 1;
      }
      this.penalties = new double[size + 1];
      for (int j = 0; j < size; j++) {
        this.penalties[1 + j] = penalties[j] / (deviation[j] * deviation[j]);
      }
      rows = new double[features.length][size + 1];
      for (int i = 0; i < features.length; i++) {
        rows[i][0] = 1;
        for (int j = 0; j < size; j++) {
          rows[i][1 + j] = (features[i][j] - mean[j]) / deviation[j];
        }
      }
    }

    private double weight(int i) {
      return positive[i] + negative[i];
    }

    LogisticRegression top() {
      double[] theta = new double[mean.length + 1];
      theta[0] = Math.log(Arrays.stream(positive).sum() / Arrays.stream(negative).sum());
      double reached = likelihood(theta);
      for (int step = 0; step < MOST_STEPS; step++) {
        double[] move = move(theta);
        double[] next = theta;
        double gain = -1;
        double length = 1;
        for (int halving = 0; halving < MOST_HALVINGS && gain < 0; halving++) {
          next = theta.clone();
          for (int j = 0; j < theta.length; j++) {
            next[j] += length * move[j];
          }
          gain = likelihood(next) - reached;
          length /= 2;
        }
        if (gain < 0) {
          break;
        }
        theta = next;
        reached += gain;
        if (gain <= SMALL_GAIN * total) {
          break;
        }
      }
      return unscaled(theta);
    }

    private LogisticRegression unscaled(double[] theta) {
      double[] weights = new double[mean.length];
      double intercept = theta[0];
      for (int j = 0; j < weights.length; j++) {
        weights[j] = theta[1 + j] / deviation[j];
        intercept -= weights[j] * mean[j];
      }
      return new LogisticRegression(intercept, weights);
    }

    private double margin(double[] theta, int i) {
      double m = 0;
      for (int j = 0; j < theta.length; j++) {
        m += theta[j] * rows[i][j];
      }
      return m;
    }

    private double likelihood(double[] theta) {
      double sum = 0;
      for (int i = 0; i < rows.length; i++) {
        if (weight(i) > 0) {
          double m = margin(theta, i);
          sum -= positive[i] * softplus(-m) + negative[i] * softplus(m);
        }
      }
      for (int j = 1; j < theta.length; j++) {
        sum -= penalties[j] / 2 * theta[j] * theta[j];
      }
      return sum;
    }

    /** log(1 + exp(m)) without overflow. */
    private static double softplus(double m) {
      return Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m)));
    }

    /** Newton's step: the inverse of the curvature times the slope. */
    private double[] move(double[] theta) {
      int size = theta.length;
      double[] slope = new double[size];
      double[][] curvature = new double[size][size];
      for (int i = 0; i < rows.length; i++) {
        if (weight(i) == 0) {
          continue;
        }
        double p = 1 / (1 + Math.exp(-margin(theta, i)));
        double residual = positive[i] - weight(i) * p;
        double variance = weight(i) * p * (1 - p);
        double[] row = rows[i];
        for (int j = 0; j < size; j++) {
          slope[j] += residual * row[j];
          double v = variance * row[j];
          double[] line = curvature[j];
          for (int k = 0; k <= j; k++) {
            line[k] += v * row[k];
          }
        }
      }
      for (int j = 0; j < size; j++) {
        slope[j] -= penalties[j] * theta[j];
        curvature[j][j] += penalties[j];
        // Where every margin is far from 0 the intercept has no curvature of its own left.
        curvature[j][j] += 1e-9 * total;
        for (int k = 0; k < j; k++) {
          curvature[k][j] = curvature[j][k];
        }
      }
      return new CholeskyDecomposition(new Array2DRowRealMatrix(curvature, false))
          .getSolver()
          .solve(new ArrayRealVector(slope, false))
          .toArray();
    }
  }
}
