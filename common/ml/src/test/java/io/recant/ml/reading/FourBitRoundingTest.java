package io.recant.ml.reading;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FourBitRoundingTest {

  @Test
  void everyBlockHasItsOwnSteps() {
    float[] weights = new float[140];
    weights[0] = -7;
    weights[1] = 1.4f;
    weights[63] = 3.6f;
    // The second block of the first row, of six weights, and the second row.
    weights[64] = 0.07f;
    weights[69] = -0.024f;
    weights[70] = 0.5f;
    FourBitRounding.round(weights, 70);
    assertThat(weights[0]).isEqualTo(-7);
    assertThat(weights[1]).isEqualTo(1);
    assertThat(weights[63]).isEqualTo(4);
    assertThat(weights[64]).isEqualTo(0.07f);
    assertThat(weights[69]).isEqualTo(-0.02f);
    assertThat(weights[70]).as("alone in its block").isEqualTo(0.5f);
    assertThat(weights[71]).isZero();
  }

  @Test
  void nothingStaysNothing() {
    float[] weights = new float[8];
    FourBitRounding.round(weights, 4);
    assertThat(weights).containsOnly(0);
  }
}
