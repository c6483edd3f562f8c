package io.recant.core.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {

  private static double[][] vectors() {
    Random random = new Random(2);
    double[] deviations = {9, 4, 2, 0.5, 0.4};
    double[][] turn = new double[5][5];
    for (double[] row : turn) {
      for (int d = 0; d < 5; d++) {
        row[d] = random.nextGaussian();
      }
    }
    double[][] vectors = new double[400][5];
    for (double[] vector : vectors) {
      for (int k = 0; k < 5; k++) {
        double along = deviations[k] * random.nextGaussian();
        for (int d = 0; d < 5; d++) {
          vector[d] += along * turn[k][d];
        }
      }
    }
    return vectors;
  }

  /** Held against the eigenvectors of the covariance. */
  @Test
  void theyAreTheFirstEigenvectors() {
    double[][] vectors = vectors();
    RealMatrix x = new Array2DRowRealMatrix(vectors);
    EigenDecomposition eigen =
        new EigenDecomposition(x.transpose().multiply(x).scalarMultiply(1.0 / vectors.length));

    PrincipalComponents components = PrincipalComponents.of(vectors, 2, 7);

    assertThat(components.size()).isEqualTo(2);
    for (double[] vector : new double[][] {vectors[0], vectors[17]}) {
      double[] along = components.of(vector);
      for (int k = 0; k < 2; k++) {
        double expected =
            eigen.getEigenvector(k).dotProduct(new ArrayRealVector(vector))
                / Math.sqrt(eigen.getRealEigenvalue(k));
        assertThat(Math.abs(along[k])).isCloseTo(Math.abs(expected), within(2e-3));
      }
    }
  }

  @Test
  void alongEachTheVarianceIsOne() {
    double[][] vectors = vectors();
    PrincipalComponents components = PrincipalComponents.of(vectors, 3, 7);
    double[] squares = new double[3];
    for (double[] vector : vectors) {
      double[] along = components.of(vector);
      for (int k = 0; k < 3; k++) {
        squares[k] += along[k] * along[k] / vectors.length;
      }
    }
    assertThat(squares).containsExactly(new double[] {1, 1, 1}, within(1e-4));
  }

  @Test
  void whatDoesNotVaryIsNoDirection() {
    double[][] flat = {{1, 2, 0}, {-1, -2, 0}, {2, 4, 0}, {-2, -4, 0}};
    assertThat(PrincipalComponents.of(flat, 3, 1).size()).isEqualTo(1);
    assertThat(PrincipalComponents.of(new double[][] {{0, 0}, {0, 0}}, 2, 1).size()).isZero();
    assertThat(PrincipalComponents.of(new double[0][], 2, 1).size()).isZero();
  }
}
