package io.recant.core.vector;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The directions in which centred vectors vary most, each scaled to variance 1: found by orthogonal
 * iteration, which costs vectors times dimensions times directions a pass and never holds a matrix
 * of dimensions squared.
 *
 * <p>Source: Golub and Van Loan, Matrix Computations, 2013, 8.2.4.
 */
public final class PrincipalComponents implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int PASSES = 12;

  private static final double ROUNDING = 1e-12;

  /** Relative to the first direction: what varies less is noise of the arithmetic. */
  private static final double LEAST_DEVIATION = 1e-6;

  /** By direction, divided by the deviation along it. */
  private final float[][] directions;

  private PrincipalComponents(float[][] directions) {
    this.directions = directions;
  }

  /**
   * Finds directions.
   *
   * @param vectors centred, all of one length
   * @param most at most so many directions
   * @param seed of where the search begins
   */
  public static PrincipalComponents of(double[][] vectors, int most, long seed) {
    int dimensions = vectors.length == 0 ? 0 : vectors[0].length;
    int count = Math.min(most, Math.min(dimensions, vectors.length));
    SplittableRandom random = new SplittableRandom(seed);
    double[][] basis = new double[count][dimensions];
    for (double[] direction : basis) {
      for (int d = 0; d < dimensions; d++) {
        direction[d] = random.nextDouble() - 0.5;
      }
    }
    orthonormalise(basis);
    for (int pass = 0; pass < PASSES; pass++) {
      basis = covariance(vectors, basis);
      orthonormalise(basis);
    }
    return new PrincipalComponents(scaled(basis, vectors));
  }

  /** How many directions there are. */
  public int size() {
    return directions.length;
  }

  /** A centred vector along the directions. */
  public double[] of(double[] centred) {
    double[] along = new double[directions.length];
    for (int k = 0; k < along.length; k++) {
      along[k] = dot(directions[k], centred);
    }
    return along;
  }

  private static double[][] covariance(double[][] vectors, double[][] basis) {
    double[][] product = new double[basis.length][basis.length == 0 ? 0 : basis[0].length];
    for (double[] vector : vectors) {
      for (int k = 0; k < basis.length; k++) {
        double along = dot(basis[k], vector);
        double[] sum = product[k];
        for (int d = 0; d < sum.length; d++) {
          sum[d] += along * vector[d];
        }
      }
    }
    return product;
  }

  /**
   * Gram and Schmidt's way, twice, since once loses digits. What is left of a direction that the
   * others span is rounding: it becomes 0.
   */
  private static void orthonormalise(double[][] basis) {
    for (int twice = 0; twice < 2; twice++) {
      for (int k = 0; k < basis.length; k++) {
        double whole = Math.sqrt(dot(basis[k], basis[k]));
        for (int before = 0; before < k; before++) {
          double along = dot(basis[before], basis[k]);
          for (int d = 0; d < basis[k].length; d++) {
            basis[k][d] -= along * basis[before][d];
          }
        }
        double length = Math.sqrt(dot(basis[k], basis[k]));
        for (int d = 0; d < basis[k].length; d++) {
          basis[k][d] = length > ROUNDING * whole ? basis[k][d] / length : 0;
        }
      }
    }
  }

  private static float[][] scaled(double[][] basis, double[][] vectors) {
    double[] deviations = new double[basis.length];
    double largest = 0;
    for (int k = 0; k < basis.length; k++) {
      double squares = 0;
      for (double[] vector : vectors) {
        double along = dot(basis[k], vector);
        squares += along * along / vectors.length;
      }
      deviations[k] = Math.sqrt(squares);
      largest = Math.max(largest, deviations[k]);
    }
    List<float[]> kept = new ArrayList<>();
    for (int k = 0; k < basis.length; k++) {
      if (deviations[k] > LEAST_DEVIATION * largest) {
        float[] direction = new float[basis[k].length];
        for (int d = 0; d < direction.length; d++) {
          direction[d] = (float) (basis[k][d] / deviations[k]);
        }
        kept.add(direction);
      }
    }
    return kept.toArray(float[][]::new);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  private static double dot(float[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }
}
