package io.recant.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthTest {

  @Test
  void theExponentIsThatOfThePowerLaw() {
    List<double[]> points =
        List.of(
            new double[] {10, 3 * Math.pow(10, 1.2)},
            new double[] {100, 3 * Math.pow(100, 1.2)},
            new double[] {5000, 3 * Math.pow(5000, 1.2)});

    assertThat(Growth.exponent(points)).isCloseTo(1.2, within(1e-12));
  }

  @Test
  void oneSizeSaysNothing() {
    assertThat(Growth.exponent(List.of(new double[] {10, 1}))).isNull();
    assertThat(Growth.exponent(List.of(new double[] {10, 1}, new double[] {10, 2}))).isNull();
  }
}
