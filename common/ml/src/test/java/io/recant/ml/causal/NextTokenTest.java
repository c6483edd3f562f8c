package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NextTokenTest {

  private static final int DRAWS = 20_000;

  /** Probabilities .05, .4, .1, .3, .15 at temperature 1, in no order. */
  private static final double[] PROBABILITIES = {0.05, 0.4, 0.1, 0.3, 0.15};

  @Test
  void withoutBoundsEveryTokenIsDrawnAsOftenAsItIsLikely() {
    assertDrawn(settings(1, 0, 1), 0.05, 0.4, 0.1, 0.3, 0.15);
  }

  @Test
  void aHigherTemperatureEvensOut() {
    // softmax(log p / 2) is proportional to sqrt(p).
    double[] expected = new double[5];
    double sum = 0;
    for (double p : PROBABILITIES) {
      sum += Math.sqrt(p);
    }
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Math.sqrt(PROBABILITIES[i]) / sum;
    }
    assertDrawn(settings(2, 0, 1), expected);
  }

  @Test
  void topKLeavesTheLikeliestInProportion() {
    assertDrawn(settings(1, 2, 1), 0, 4 / 7.0, 0, 3 / 7.0, 0);
  }

  @Test
  void topPLeavesTheFewestThatReachIt() {
    assertDrawn(settings(1, 0, 0.71), 0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85);
    assertDrawn(settings(1, 0, 0.39), 0, 1, 0, 0, 0);
  }

  @Test
  void topPIsOfWhatTopKLeaves() {
    // Of 0.4, 0.3, 0.15 the first two have 0.82 of the probability, of all five they have 0.7.
    assertDrawn(settings(1, 3, 0.8), 0, 4 / 7.0, 0, 3 / 7.0, 0);
  }

  @Test
  void coldDrawsAreTheMostLikelyToken() {
    for (double temperature : new double[] {0, 1e-3}) {
      assertDrawn(settings(temperature, 0, 1), 0, 1, 0, 0, 0);
    }
  }

  private static GenerationSettings settings(double temperature, int topK, double topP) {
    return new GenerationSettings(1, temperature, topK, topP, 1, 0);
  }

  /** Pearson's statistic of 4 degrees of freedom is above 23.5 in one of 10,000 cases. */
  private static void assertDrawn(GenerationSettings settings, double... expected) {
    int[] counts = new int[expected.length];
    for (long token : draw(settings)) {
      counts[(int) token]++;
    }
    double statistic = 0;
    for (int i = 0; i < counts.length; i++) {
      double mean = DRAWS * expected[i];
      if (mean == 0) {
        assertThat(counts[i]).as("token %d is excluded", i).isZero();
      } else {
        statistic += (counts[i] - mean) * (counts[i] - mean) / mean;
      }
    }
    assertThat(statistic).isLessThan(23.5);
  }

  private static long[] draw(GenerationSettings settings) {
    SplittableRandom seeds = new SplittableRandom(9);
    List<SplittableRandom> random = new ArrayList<>();
    float[] logits = new float[DRAWS * PROBABILITIES.length];
    for (int row = 0; row < DRAWS; row++) {
      random.add(new SplittableRandom(seeds.nextLong()));
      for (int i = 0; i < PROBABILITIES.length; i++) {
        logits[row * PROBABILITIES.length + i] = (float) (3 + Math.log(PROBABILITIES[i]));
      }
    }
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      Shape shape = new Shape(DRAWS, PROBABILITIES.length);
      return new NextToken(settings).of(manager.create(logits, shape), random);
    }
  }
}
