package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.ml.Clusters;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FreshWeightsTest {

  private static final long SEED = 3;

  private final Model model = Clusters.model(0);
  private final Model start = model.copy();
  private final Model fresh = model.untrained(SEED);

  @AfterEach
  void close() {
    model.close();
    start.close();
    fresh.close();
  }

  private void assertKept(double keep) {
    for (Parameter parameter : model.parameters()) {
      float[] own = parameter.value().toFloatArray();
      float[] old = start.parameters().get(parameter.name()).toFloatArray();
      float[] other = fresh.parameters().get(parameter.name()).toFloatArray();
      for (int i = 0; i < own.length; i++) {
        assertThat((double) own[i]).isCloseTo(keep * old[i] + (1 - keep) * other[i], within(1e-6));
      }
    }
  }

  @Test
  void weightsLieBetweenThoseOfBothModels() {
    FreshWeights.mixInto(model, 0.25, SEED, "x");
    assertKept(0.25);
  }

  /** Mixes from 0.4 on; the model will do when it is asked about for that time. */
  private double mixedUntil(int time, List<Double> asked) {
    return FreshWeights.mixInto(
        model,
        0.4,
        SEED,
        "x",
        () -> {
          asked.add(0.4 + 0.2 * asked.size());
          assertKept(asked.get(asked.size() - 1));
          return asked.size() == time;
        });
  }

  @Test
  void theLeastThatServesIsKept() {
    List<Double> asked = new ArrayList<>();

    assertThat(mixedUntil(2, asked)).isCloseTo(0.6, within(1e-9));

    assertThat(asked).hasSize(2);
    assertKept(0.6);
  }

  @Test
  void theModelIsAsItWasWhereNothingLessServes() {
    List<Double> asked = new ArrayList<>();

    assertThat(mixedUntil(0, asked)).isEqualTo(1);

    assertThat(asked).hasSize(3);
    for (Parameter parameter : model.parameters()) {
      assertThat(parameter.value().toFloatArray())
          .isEqualTo(start.parameters().get(parameter.name()).toFloatArray());
    }
  }
}
