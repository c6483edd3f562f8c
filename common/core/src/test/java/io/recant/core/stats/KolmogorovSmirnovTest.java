package io.recant.core.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KolmogorovSmirnovTest {

  /** SciPy's exact values; the limit formula gives 8.4967e-22 for the first. */
  @ParameterizedTest
  @CsvSource({"119, 1.834066e-21", "9, 0.999300", "104, 2.194274e-16"})
  void isExact(int shifted, double p) {
    double[] first = new double[300];
    double[] second = new double[300];
    for (int i = 0; i < first.length; i++) {
      first[i] = i;
      second[i] = i + shifted - 0.5;
    }
    assertThat(KolmogorovSmirnov.pValue(first, second)).isCloseTo(p, withinPercentage(1e-3));
  }

  @Test
  void alikeIsOne() {
    assertThat(KolmogorovSmirnov.pValue(new double[] {1, 2, 3}, new double[] {1, 2, 3}))
        .isEqualTo(1);
  }
}
