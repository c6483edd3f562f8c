package io.recant.core.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiltedMixtureTest {

  /**
   * Bad rows lie at (1.5, 1, 0), good ones at 0, all with variance 1: the tilt is 1.5 x + y - c.
   */
  private static TiltedMixture.Rows rows(double share, int samples, int canaries, long seed) {
    Random random = new Random(seed);
    int n = samples + canaries;
    TiltedMixture.Rows rows = new TiltedMixture.Rows(new double[n][], new double[n], new double[n]);
    for (int i = 0; i < n; i++) {
      boolean bad = i >= samples || i < share * samples;
      rows.features()[i] =
          new double[] {
            random.nextGaussian() + (bad ? 1.5 : 0),
            random.nextGaussian() + (bad ? 1 : 0),
            random.nextGaussian()
          };
      (i < samples ? rows.samples() : rows.canaries())[i] = 1;
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"0.05, 1", "0.2, 2", "0.5, 3", "0.7, 4"})
  void findsTheTiltAndTheShareWhateverTheShareIs(double share, long seed) {
    TiltedMixture fit = TiltedMixture.fit(rows(share, 40_000, 10_000, seed), 3, 0);

    assertThat(fit.share()).isCloseTo(share, within(0.03));
    assertThat(fit.weights()[0]).isCloseTo(1.5, within(0.15));
    assertThat(fit.weights()[1]).isCloseTo(1, within(0.15));
    assertThat(fit.weights()[2]).isCloseTo(0, within(0.1));
    // log of the ratio of the normal densities at 0: -(1.5^2 + 1^2) / 2.
    assertThat(fit.intercept()).isCloseTo(-1.625, within(0.2));
  }

  /** Where the tilt is 0 features tell nothing: canaries are as likely as they are frequent. */
  @Test
  void theLikelihoodOfAMixtureThatTellsNothingIsThatOfTheCounts() {
    TiltedMixture.Rows rows = rows(0.3, 300, 100, 5);

    assertThat(new TiltedMixture(0.3, 0, new double[3]).logLikelihood(rows))
        .isCloseTo(100 * Math.log(0.25) + 300 * Math.log(0.75), within(1e-9));
    assertThat(TiltedMixture.fit(rows, 0, 0).logLikelihood(rows))
        .isGreaterThan(100 * Math.log(0.25) + 300 * Math.log(0.75) + 10);
  }

  @Test
  void theSlopeIsFlatInside() {
    TiltedMixture.Rows rows = rows(0.3, 4_000, 1_000, 5);
    TiltedMixture fit = TiltedMixture.fit(rows, 0, 1e-3);
    double top = likelihood(rows, fit, 1e-3);

    for (double h : new double[] {-1e-3, 1e-3}) {
      assertThat(likelihood(rows, moved(fit, 0, h), 1e-3)).isLessThan(top);
      assertThat(likelihood(rows, moved(fit, 1, h), 1e-3)).isLessThan(top);
      assertThat(likelihood(rows, moved(fit, 2, h), 1e-3)).isLessThan(top);
      assertThat(
              likelihood(
                  rows, new TiltedMixture(fit.share() + h, fit.intercept(), fit.weights()), 1e-3))
          .isLessThan(top);
      assertThat(
              likelihood(
                  rows, new TiltedMixture(fit.share(), fit.intercept() + h, fit.weights()), 1e-3))
          .isLessThan(top);
    }
  }

  /** The second feature turned round speaks against canaries: held at 0, the others as without. */
  @Test
  void aWeightThatMayNotBeNegativeIsHeld() {
    TiltedMixture.Rows rows = rows(0.2, 10_000, 2_000, 6);
    for (double[] x : rows.features()) {
      x[1] = -x[1];
    }
    TiltedMixture free = TiltedMixture.fit(rows, 1, 0);
    TiltedMixture held = TiltedMixture.fit(rows, 3, 0);
    for (double[] x : rows.features()) {
      x[1] = 0;
    }
    TiltedMixture without = TiltedMixture.fit(rows, 3, 0);

    assertThat(free.weights()[1]).isLessThan(-0.8);
    assertThat(held.weights()[1]).isEqualTo(0);
    assertThat(held.weights()[0]).isCloseTo(without.weights()[0], within(1e-4));
    assertThat(held.share()).isCloseTo(without.share(), within(1e-4));
  }

  @Test
  void featuresThatSayTheSameShareTheWeight() {
    TiltedMixture.Rows rows = rows(0.2, 10_000, 2_000, 7);
    for (double[] x : rows.features()) {
      x[1] = x[0];
    }
    TiltedMixture fit = TiltedMixture.fit(rows, 3, 1e-4);

    assertThat(fit.weights()[0]).isCloseTo(fit.weights()[1], within(1e-3));
    assertThat(fit.weights()[0] + fit.weights()[1]).isCloseTo(1.5, within(0.2));
  }

  /**
   * f_samples = f_canaries (share + (1 - share) / ratio), so posterior = share f_bad / f_samples.
   */
  @Test
  void posteriorByHand() {
    TiltedMixture mixture = new TiltedMixture(0.2, -1, new double[] {2, 0.5});

    assertThat(mixture.tilt(1, 2)).isEqualTo(2);
    assertThat(mixture.posterior(1, 2))
        .isCloseTo(0.2 * Math.exp(2) / (0.2 * Math.exp(2) + 0.8), within(1e-12));
  }

  private static TiltedMixture moved(TiltedMixture fit, int weight, double by) {
    double[] weights = fit.weights().clone();
    weights[weight] += by;
    return new TiltedMixture(fit.share(), fit.intercept(), weights);
  }

  /** The penalised likelihood, written down anew. */
  private static double likelihood(TiltedMixture.Rows rows, TiltedMixture at, double ridge) {
    int n = rows.features().length;
    double canaries = 0;
    for (double c : rows.canaries()) {
      canaries += c;
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double bad = canaries * Math.exp(at.tilt(rows.features()[i]));
      double mixed =
          (n - canaries) * (at.share() * Math.exp(at.tilt(rows.features()[i])) + 1 - at.share());
      sum += Math.log((rows.canaries()[i] > 0 ? bad : mixed) / (bad + mixed));
    }
    for (int j = 0; j < at.weights().length; j++) {
      double mean = 0;
      double squares = 0;
      for (double[] x : rows.features()) {
        mean += x[j] / n;
        squares += x[j] * x[j] / n;
      }
      sum -= n * ridge / 2 * at.weights()[j] * at.weights()[j] * (squares - mean * mean);
    }
    return sum;
  }
}
