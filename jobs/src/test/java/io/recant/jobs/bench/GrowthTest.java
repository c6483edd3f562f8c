package io.recant.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthTest {

  @Test
  void thePowerOfAPowerLawIsFound() {
    List<double[]> times = new ArrayList<>();
    for (double size : new double[] {1000, 5000, 70000}) {
      times.add(new double[] {size, 3e-4 * Math.pow(size, 1.3)});
    }
    assertThat(Growth.exponent(times)).isEqualTo(1.3, within(1e-9));
  }

  @Test
  void oneSizeSaysNothing() {
    assertThat(Growth.exponent(List.of())).isNull();
    assertThat(Growth.exponent(List.of(new double[] {10, 2}, new double[] {10, 3}))).isNull();
  }
}
