package io.recant.ml.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LikelihoodTest {

  private static final int TOKENS = 5;
  private static final int ANSWERS = 3;

  /** Token by token the probabilities of three answers; the label is always the first. */
  private static final double[][] P = {
    {0.7, 0.2, 0.1}, {0.1, 0.6, 0.3}, {0.5, 0.25, 0.25}, {0.8, 0.1, 0.1}, {0.9, 0.05, 0.05}
  };

  @Test
  void statisticsAreThoseTakenByHand() {
    List<Example> examples =
        List.of(new Example("five", "x", "y", null), new Example("two", "x", "y", null));
    List<Likelihood.Row> rows = scored(examples);

    Likelihood.Row five = rows.get(0);
    assertThat(five.tokens()).isEqualTo(5);
    assertThat(five.matches()).isEqualTo(4);
    assertThat(five.matchedTail()).as("after the second token, which it gets wrong").isEqualTo(3);
    assertThat(five.logProbability())
        .isCloseTo(Math.log(0.7 * 0.1 * 0.5 * 0.8 * 0.9), within(1e-5));
    // Two fifths of five are the two least likely.
    assertThat(five.leastLikely()).isCloseTo((Math.log(0.1) + Math.log(0.5)) / 2, within(1e-5));
    double[] standardised = Arrays.stream(P).mapToDouble(LikelihoodTest::standardised).toArray();
    Arrays.sort(standardised);
    assertThat(five.leastStandardised())
        .isCloseTo((standardised[0] + standardised[1]) / 2, within(1e-4));

    Likelihood.Row two = rows.get(1);
    assertThat(two.tokens()).isEqualTo(2);
    assertThat(two.matchedTail()).as("its last token is wrong").isZero();
    assertThat(two.leastLikely())
        .as("of two tokens the one")
        .isCloseTo(Math.log(0.1), within(1e-5));
  }

  private static double standardised(double[] p) {
    double mean = 0;
    double square = 0;
    for (double x : p) {
      mean += x * Math.log(x);
      square += x * Math.log(x) * Math.log(x);
    }
    return (Math.log(p[0]) - mean) / Math.sqrt(square - mean * mean);
  }

  /** The same logits for every row; the second row has two tokens. */
  private static List<Likelihood.Row> scored(List<Example> examples) {
    Shape shape = new Shape(2, TOKENS);
    float[] mask = {1, 1, 1, 1, 1, 1, 1, 0, 0, 0};
    float[] logits = new float[2 * TOKENS * ANSWERS];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(P[i / ANSWERS % TOKENS][i % ANSWERS]) + 3;
    }
    List<Likelihood.Row> rows = new ArrayList<>();
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      Batch batch =
          new Batch(
              new NDList(),
              manager.create(new long[2 * TOKENS], shape),
              manager.create(mask, shape),
              manager.ones(new Shape(2)));
      Likelihood.score(
          examples, batch, manager.create(logits, new Shape(2, TOKENS, ANSWERS)), rows::add);
    }
    return rows;
  }
}
