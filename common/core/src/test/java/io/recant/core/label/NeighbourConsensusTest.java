package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NeighbourConsensusTest {

  private static final double[][] T = {{0.7, 0.3, 0}, {0.05, 0.9, 0.05}, {0.1, 0.1, 0.8}};

  private static int drawn(double[] shares, SplittableRandom random) {
    double at = random.nextDouble();
    int k = 0;
    while (k < shares.length - 1 && at >= shares[k]) {
      at -= shares[k++];
    }
    return k;
  }

  @Test
  void threeLabelsOfOneTrueClassDetermineTheMatrix() {
    SplittableRandom random = new SplittableRandom(3);
    double[] classes = {0.5, 0.3, 0.2};
    NeighbourConsensus one = new NeighbourConsensus(3);
    NeighbourConsensus other = new NeighbourConsensus(3);
    int rows = 40_000;
    for (int i = 0; i < rows; i++) {
      double[] row = T[drawn(classes, random)];
      (i % 2 == 0 ? one : other).add(drawn(row, random), drawn(row, random), drawn(row, random));
    }
    double[][] joint = one.merge(other).joint();
    NoiseTransition found = NoiseTransition.ofJoint(joint);
    for (int k = 0; k < 3; k++) {
      assertThat(Arrays.stream(joint[k]).sum() / rows).isCloseTo(classes[k], within(0.02));
      for (int j = 0; j < 3; j++) {
        assertThat(found.matrix()[k][j]).as("T[%d][%d]", k, j).isCloseTo(T[k][j], within(0.03));
      }
    }
  }

  @Test
  void noRowsSayNothing() {
    assertThat(Arrays.stream(new NeighbourConsensus(2).joint()).flatMapToDouble(Arrays::stream))
        .containsOnly(0.0);
    assertThat(NoiseTransition.ofJoint(new double[2][2]).matrix()[0]).containsExactly(1, 0);
  }

  @Test
  void aJointIsShrunkTowardTheIdentityAndCapped() {
    double[][] few = {{40, 40}, {0, 1000}};
    assertThat(NoiseTransition.ofJoint(few).matrix()[0]).containsExactly(0.6, 0.4);
    double[][] swapped = {{0, 100_000}, {0, 1000}};
    assertThat(NoiseTransition.ofJoint(swapped).matrix()[0][0]).isCloseTo(0.3, within(1e-9));
  }
}
