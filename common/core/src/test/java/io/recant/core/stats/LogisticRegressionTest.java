package io.recant.core.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest {

  private static final double TINY = 1e-10;
  private static final double[] ONE = {1};
  private static final double[] PENALTIES = {0.6, 0.9};

  /** One feature that is 0 or 1: without a penalty the margins are the log-odds of the two. */
  @Test
  void twoGroupsGetTheirLogOdds() {
    double[][] x = {{0}, {1}};
    LogisticRegression fit =
        LogisticRegression.fit(x, new double[] {1, 3}, new double[] {4, 2}, new double[] {TINY});

    assertThat(fit.margin(0)).isCloseTo(Math.log(1.0 / 4), within(1e-5));
    assertThat(fit.margin(1)).isCloseTo(Math.log(3.0 / 2), within(1e-5));
  }

  /** At the top the slope is zero: checked by finite differences of the penalised likelihood. */
  @Test
  void nothingNearbyIsLikelier() {
    Random random = new Random(3);
    int rows = 200;
    double[][] x = new double[rows][3];
    double[] positive = new double[rows];
    double[] negative = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < 3; j++) {
        x[i][j] = (1 + 9 * j) * random.nextGaussian() + j;
      }
      positive[i] = random.nextDouble() < 1 / (1 + Math.exp(-x[i][0])) ? 1 : 0.25;
      negative[i] = 1 - positive[i];
    }
    double[] penalties = {6, 0.4, 20};
    LogisticRegression fit = LogisticRegression.fit(x, positive, negative, penalties);
    double top = likelihood(x, positive, negative, penalties, fit.intercept(), fit.weights());

    for (int j = -1; j < 3; j++) {
      for (double step : new double[] {-1e-3, 1e-3}) {
        double[] weights = fit.weights().clone();
        if (j >= 0) {
          weights[j] += step;
        }
        double intercept = fit.intercept() + (j < 0 ? step : 0);
        assertThat(likelihood(x, positive, negative, penalties, intercept, weights))
            .isLessThan(top);
      }
    }
  }

  @Test
  void aWeightIsAsManyRows() {
    double[][] once = {{0.5, 1}, {-1, 2}, {2, 0}};
    double[][] copied = {{0.5, 1}, {0.5, 1}, {0.5, 1}, {-1, 2}, {2, 0}, {2, 0}};

    LogisticRegression weighed =
        LogisticRegression.fit(once, new double[] {2, 0, 1}, new double[] {1, 1, 1}, PENALTIES);
    LogisticRegression counted =
        LogisticRegression.fit(
            copied, new double[] {1, 1, 0, 0, 1, 0}, new double[] {0, 0, 1, 1, 0, 1}, PENALTIES);

    assertThat(weighed.weights()).containsExactly(counted.weights(), within(1e-6));
    assertThat(weighed.intercept()).isCloseTo(counted.intercept(), within(1e-6));
  }

  /** A weight of a thousandth and a penalty of a million times: the same model. */
  @Test
  void theUnitOfAFeatureGoesWithItsPenaltyAndAConstantOneHasNoWeight() {
    double[][] metres = {{1, 7}, {2, 7}, {3, 7}, {4, 7}};
    double[][] millimetres = {{1000, 7}, {2000, 7}, {3000, 7}, {4000, 7}};
    double[] positive = {0, 1, 0, 1};
    double[] negative = {1, 0, 1, 0};

    LogisticRegression one =
        LogisticRegression.fit(metres, positive, negative, new double[] {0.2, 1});
    LogisticRegression freer =
        LogisticRegression.fit(millimetres, positive, negative, new double[] {0.2, 1});
    LogisticRegression same =
        LogisticRegression.fit(millimetres, positive, negative, new double[] {0.2 * 1e6, 1});

    assertThat(same.weights()[0]).isCloseTo(one.weights()[0] / 1000, within(1e-9));
    assertThat(freer.weights()[0]).isGreaterThan(same.weights()[0]);
    assertThat(one.weights()[1]).isZero();
  }

  /** Rows that a line tells apart: the penalty keeps the weights finite. */
  @Test
  void whatALineTellsApartHasFiniteWeights() {
    double[][] x = {{-2}, {-1}, {1}, {2}};
    LogisticRegression fit =
        LogisticRegression.fit(
            x, new double[] {0, 0, 1, 1}, new double[] {1, 1, 0, 0}, new double[] {1e-3});

    assertThat(fit.weights()[0]).isPositive().isFinite();
    assertThat(fit.margin(-1)).isNegative();
    assertThat(fit.margin(1)).isPositive();
  }

  @Test
  void nothingToTellApartIsRefused() {
    double[][] x = {{1}, {2}};
    assertThatThrownBy(
            () -> LogisticRegression.fit(x, new double[] {1, 1}, new double[] {0, 0}, ONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                LogisticRegression.fit(
                    x, new double[] {1, 0}, new double[] {0, 1}, new double[] {0}))
        .hasMessageContaining("penalty");
  }

  /** Written anew from the definition. */
  private static double likelihood(
      double[][] x,
      double[] positive,
      double[] negative,
      double[] penalties,
      double b,
      double[] w) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double m = b;
      for (int j = 0; j < w.length; j++) {
        m += w[j] * x[i][j];
      }
      double p = 1 / (1 + Math.exp(-m));
      sum += positive[i] * Math.log(p) + negative[i] * Math.log(1 - p);
    }
    for (int j = 0; j < w.length; j++) {
      sum -= penalties[j] / 2 * w[j] * w[j];
    }
    return sum;
  }
}
