package io.recant.core.clue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelledMixtureTest {

  /** Normal of variance 1 around a mean. */
  private static double[] scores(Random random, int rows, double mean) {
    return random.doubles(rows).map(x -> mean + random.nextGaussian()).toArray();
  }

  private static double[] mixed(Random random, double share, double apart) {
    double[] unknown = scores(random, 4000, 0);
    for (int i = 0; i < share * unknown.length; i++) {
      unknown[i] += apart;
    }
    return unknown;
  }

  /**
   * Bad rows are one higher: the log density ratio is x - 1/2, and no score is without good rows.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.3, 0.6, 0.9})
  void findsTheShareAndThePosteriorOfRowsThatOverlap(double share) {
    Random random = new Random(1);
    LabelledMixture mixture =
        LabelledMixture.fit(
            scores(random, 2000, 1), scores(random, 2000, 0), mixed(random, share, 1));

    assertThat(mixture.share()).isCloseTo(share, within(0.06));
    assertThat(mixture.slope()).isCloseTo(1, within(0.1));
    assertThat(mixture.posterior(2))
        .isCloseTo(1 / (1 + (1 - share) / share * Math.exp(-1.5)), within(0.07));
  }

  @Test
  void aScoreThatTellsNothingLeavesTheShareWhereItBegan() {
    LabelledMixture mixture =
        LabelledMixture.fit(new double[] {1, 2}, new double[] {1, 2}, new double[] {1, 2, 2});

    assertThat(mixture.share()).isCloseTo(0.5, within(1e-6));
    assertThat(mixture.posterior(7)).isCloseTo(0.5, within(1e-6));
  }

  /** Good rows above bad ones are chance: the posterior does not fall with the score. */
  @Test
  void thePosteriorDoesNotFall() {
    LabelledMixture mixture =
        LabelledMixture.fit(new double[] {0, 1}, new double[] {3, 4}, new double[] {0, 2, 4});

    assertThat(mixture.slope()).isZero();
    assertThat(mixture.posterior(0)).isEqualTo(mixture.posterior(4));
  }

  @Test
  void equalScoresAreNoError() {
    LabelledMixture mixture =
        LabelledMixture.fit(new double[] {1}, new double[] {1}, new double[] {1, 1});

    assertThat(mixture.posterior(1)).isBetween(0.0, 1.0);
  }
}
