package io.recant.core.decision;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/**
 * The samples as a mixture (1 - share) good + share bad, when canaries are distributed as the bad
 * are and the log density ratio of bad to good is linear in some features:
 *
 * <pre>
 * f_samples(x) = f_canaries(x) (share + (1 - share) exp(-t(x))),  t(x) = intercept + weights . x
 * </pre>
 *
 * <p>This is the exponential tilt of Qin (Biometrika 1999) and the "modified logistic regression"
 * for positive and unlabelled data of Jaskie and Spanias (2019): P(canary | x) has a ceiling below
 * 1, and the ceiling tells the share. Nothing is assumed about f_canaries. A plain logistic
 * regression of canaries against samples has no such ceiling: it takes the errors among the samples
 * for good rows that look like canaries, and its weights bend the more the larger the share is.
 *
 * <p>Fitted by Fisher scoring of the binomial likelihood of canary against sample (which is the
 * empirical likelihood of the two sets), damped as by Levenberg and Marquardt; weights that may not
 * be negative, and the share, are held at their bounds while the slope points outwards.
 *
 * <p>Every row takes part, so it is steadier than {@link BestBin}, and where the tilt is not linear
 * it is biased; use both.
 *
 * @param share of the samples that are bad, in (0, 1)
 * @param intercept of the tilt
 * @param weights of the tilt, one a feature
 */
public record TiltedMixture(double share, double intercept, double[] weights) {

  private static final double LEAST_SHARE = 1e-6;
  private static final double MOST_SHARE = 0.99;
  private static final int MOST_STEPS = 200;

  /** Relative to the rows: a likelihood that gains less a row is at its top. */
  private static final double SMALL_GAIN = 1e-9;

  /** Keeps the matrix positive definite where features say the same. */
  private static final double LEAST_DAMPING = 1e-6;

  private static final double MOST_DAMPING = 1e8;

  /** Log-odds beyond which exponentials say nothing more. */
  private static final double FAR = 40;

  /** Where to begin when nothing is known. */
  private static final double START = 0.3;

  /**
   * What a mixture is fitted to: rows side by side.
   *
   * @param features by row
   * @param canaries known errors with these features; counts may be weights
   * @param samples rows of unknown state with these features
   */
  public record Rows(double[][] features, double[] canaries, double[] samples) {

    static Rows of(ScoreCounts counts) {
      List<ScoreCounts.Cell> cells = counts.cells();
      return new Rows(
          cells.stream().map(c -> new double[] {c.score()}).toArray(double[][]::new),
          cells.stream().mapToDouble(ScoreCounts.Cell::canaries).toArray(),
          cells.stream().mapToDouble(ScoreCounts.Cell::samples).toArray());
    }

    /** The same rows with some of their features, in that order. */
    public Rows of(int... columns) {
      return new Rows(
          Arrays.stream(features)
              .map(row -> Arrays.stream(columns).mapToDouble(c -> row[c]).toArray())
              .toArray(double[][]::new),
          canaries,
          samples);
    }
  }

  /**
   * Fits the mixture.
   *
   * @param rows some canaries and some samples, all with as many features
   * @param rising so many features come first whose weights are not negative
   * @param ridge penalty a row on half the squared weights of features scaled to deviation 1
   */
  public static TiltedMixture fit(Rows rows, int rising, double ridge) {
    int features = rows.features()[0].length;
    return fit(rows, rising, ridge, new TiltedMixture(START, 0, new double[features]));
  }

  static TiltedMixture fit(Rows rows, int rising, double ridge, TiltedMixture start) {
    return new Ascent(rows, rising, ridge).from(start);
  }

  /** The log-odds that tell bad from good: log f_bad(x) / f_good(x). */
  public double tilt(double... x) {
    double t = intercept;
    for (int j = 0; j < weights.length; j++) {
      t += weights[j] * x[j];
    }
    return t;
  }

  /** The probability that a sample with these features is bad. */
  public double posterior(double... x) {
    return 1 / (1 + (1 - share) / share * Math.exp(-tilt(x)));
  }

  /**
   * How likely it is that of these rows just the canaries are canaries, as a logarithm; the higher
   * the better the features tell. Of rows it was not fitted to it is a proper score.
   */
  public double logLikelihood(Rows rows) {
    double canaries = Arrays.stream(rows.canaries()).sum();
    double ratio = Arrays.stream(rows.samples()).sum() / canaries;
    double sum = 0;
    for (int i = 0; i < rows.features().length; i++) {
      double t = Math.max(-FAR, Math.min(FAR, tilt(rows.features()[i])));
      sum += log(rows, i, ratio * (share + (1 - share) * Math.exp(-t)));
    }
    return sum;
  }

  /** Of one row, from the odds of sample against canary. */
  private static double log(Rows rows, int i, double odds) {
    return rows.samples()[i] * Math.log(odds)
        - (rows.canaries()[i] + rows.samples()[i]) * Math.log1p(odds);
  }

  /** The way up. Parameters: intercept, weights, share; all for standardised features. */
  private static final class Ascent {

    private final Rows rows;
    private final double[] mean;
    private final double[] deviation;
    private final double[] lower;
    private final double[] upper;
    private final double ridge;
    private final double ratio;
    private final double total;
    private final int size;

    Ascent(Rows rows, int rising, double ridge) {
      this.rows = rows;
      int features = rows.features()[0].length;
      double canaries = Arrays.stream(rows.canaries()).sum();
      double samples = Arrays.stream(rows.samples()).sum();
      total = canaries + samples;
      ratio = samples / canaries;
      this.ridge = ridge * total;
      size = features + 2;
      mean = new double[features];
      deviation = new double[features];
      for (int j = 0; j < features; j++) {
        standardise(j);
      }
      lower = new double[size];
      upper = new double[size];
      Arrays.fill(lower, Double.NEGATIVE_INFINITY);
      Arrays.fill(upper, Double.POSITIVE_INFINITY);
      Arrays.fill(lower, 1, 1 + rising, 0);
      lower[size - 1] = LEAST_SHARE;
      upper[size - 1] = MOST_SHARE;
    }

    /** A feature that is the same everywhere keeps its scale: its weight stays 0. */
    private void standardise(int j) {
      double squares = 0;
      for (int i = 0; i < rows.features().length; i++) {
        mean[j] += rows(i) * rows.features()[i][j] / total;
      }
      for (int i = 0; i < rows.features().length; i++) {
        double d = rows.features()[i][j] - mean[j];
        squares += rows(i) * d * d / total;
      }
      deviation[j] = squares > 0 ? Math.sqrt(squares) : 1;
    }

    private double rows(int i) {
      return rows.canaries()[i] + rows.samples()[i];
    }

    TiltedMixture from(TiltedMixture start) {
      double[] theta = new double[size];
      theta[0] = start.intercept();
      for (int j = 0; j < mean.length; j++) {
        theta[0] += start.weights()[j] * mean[j];
        theta[1 + j] = start.weights()[j] * deviation[j];
      }
      theta[size - 1] = start.share();
      clip(theta);
      Slope slope = new Slope(theta);
      double damping = 1e-3;
      for (int step = 0; step < MOST_STEPS && damping < MOST_DAMPING; step++) {
        double[] next = slope.step(damping);
        double gain = likelihood(next) - slope.likelihood;
        if (gain > 0) {
          slope = new Slope(next);
          damping = Math.max(damping / 10, LEAST_DAMPING);
        } else {
          damping *= 10;
        }
        if (gain >= 0 && gain <= SMALL_GAIN * total) {
          break;
        }
      }
      return mixture(slope.theta);
    }

    private TiltedMixture mixture(double[] theta) {
      double[] weights = new double[mean.length];
      double intercept = theta[0];
      for (int j = 0; j < weights.length; j++) {
        weights[j] = theta[1 + j] / deviation[j];
        intercept -= weights[j] * mean[j];
      }
      return new TiltedMixture(theta[size - 1], intercept, weights);
    }

    private void clip(double[] theta) {
      for (int j = 0; j < size; j++) {
        theta[j] = Math.max(lower[j], Math.min(upper[j], theta[j]));
      }
    }

    private double scaled(int i, int j) {
      return (rows.features()[i][j] - mean[j]) / deviation[j];
    }

    /** exp(-t) of a row. */
    private double oddsOfGood(double[] theta, int i) {
      double t = theta[0];
      for (int j = 0; j < mean.length; j++) {
        t += theta[1 + j] * scaled(i, j);
      }
      return Math.exp(-Math.max(-FAR, Math.min(FAR, t)));
    }

    private double likelihood(double[] theta) {
      double share = theta[size - 1];
      double sum = 0;
      for (int i = 0; i < rows.features().length; i++) {
        sum += log(rows, i, ratio * (share + (1 - share) * oddsOfGood(theta, i)));
      }
      for (int j = 1; j < size - 1; j++) {
        sum -= ridge / 2 * theta[j] * theta[j];
      }
      return sum;
    }

    /** Likelihood, its gradient and expected curvature at a point. */
    private final class Slope {

      private final double[] theta;
      private final double likelihood;
      private final double[] gradient = new double[size];
      private final double[][] curvature = new double[size][size];

      Slope(double[] theta) {
        this.theta = theta;
        this.likelihood = likelihood(theta);
        double share = theta[size - 1];
        // Derivatives of -log of the odds of sample against canary by t and by the share.
        double[] d = new double[size];
        for (int i = 0; i < rows.features().length; i++) {
          double q = oddsOfGood(theta, i);
          double mixed = share + (1 - share) * q;
          double canary = 1 / (1 + ratio * mixed);
          double good = (1 - share) * q / mixed;
          d[0] = good;
          for (int j = 0; j < mean.length; j++) {
            d[1 + j] = good * scaled(i, j);
          }
          d[size - 1] = (q - 1) / mixed;
          double residual = rows.canaries()[i] - rows(i) * canary;
          double variance = rows(i) * canary * (1 - canary);
          for (int j = 0; j < size; j++) {
            gradient[j] += residual * d[j];
            for (int k = 0; k <= j; k++) {
              curvature[j][k] += variance * d[j] * d[k];
            }
          }
        }
        for (int j = 1; j < size - 1; j++) {
          gradient[j] -= ridge * theta[j];
          curvature[j][j] += ridge;
        }
      }

      /** The next point to try. */
      double[] step(double damping) {
        int[] free = IntStream.range(0, size).filter(this::isFree).toArray();
        double[][] matrix = new double[free.length][free.length];
        double[] right = new double[free.length];
        for (int a = 0; a < free.length; a++) {
          right[a] = gradient[free[a]];
          for (int b = 0; b < free.length; b++) {
            matrix[a][b] = curvature[Math.max(free[a], free[b])][Math.min(free[a], free[b])];
          }
          matrix[a][a] += damping * matrix[a][a] + 1e-9 * total;
        }
        double[] next = theta.clone();
        double[] move =
            new CholeskyDecomposition(new Array2DRowRealMatrix(matrix, false))
                .getSolver()
                .solve(new ArrayRealVector(right, false))
                .toArray();
        for (int a = 0; a < free.length; a++) {
          next[free[a]] += move[a];
        }
        clip(next);
        return next;
      }

      private boolean isFree(int j) {
        boolean heldBelow = theta[j] <= lower[j] && gradient[j] <= 0;
        boolean heldAbove = theta[j] >= upper[j] && gradient[j] >= 0;
        return !heldBelow && !heldAbove;
      }
    }
  }
}
