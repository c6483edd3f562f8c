package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ImportanceRatiosTest {

  /** Of 1 to 1001 the 99th percentile is 991, and ten are above it. */
  @Test
  void aPercentileIsExceededByItsShare() {
    float[] ratios = new float[1001];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ratios.length - i;
    }
    ImportanceRatios counted = new ImportanceRatios();
    counted.add(ratios);
    assertThat(counted.exceededBy(0.01)).isBetween(991.0, 992.0);
    assertThat(counted.exceededBy(0.5)).isBetween(501.0, 502.0);
    assertThat(counted.exceededBy(0)).as("the largest at least").isBetween(1000.0, 1001.0);
    assertThat(counted.exceededBy(1)).isBetween(1.0, 2.0);
  }

  @Test
  void whatIsNoRatioDoesNotCount() {
    ImportanceRatios counted = new ImportanceRatios();
    assertThat(counted.exceededBy(0.5)).isEqualTo(Float.MAX_VALUE);
    counted.add(Float.NaN, Float.POSITIVE_INFINITY, 0, 3, 0);
    assertThat(counted.exceededBy(0.5)).isCloseTo(3, within(0.001)).isLessThan(3);
    assertThat(counted.exceededBy(1)).isZero();
  }

  /** Over all orders of magnitude, against sorting. */
  @Test
  void thresholdsAreThoseOfSortedRatios() {
    SplittableRandom random = new SplittableRandom(3);
    float[] ratios = new float[20_000];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = (float) Math.exp(8 * random.nextGaussian());
    }
    ImportanceRatios counted = new ImportanceRatios();
    counted.add(ratios);
    Arrays.sort(ratios);
    for (double share : new double[] {1e-5, 1e-4, 0.003, 0.02, 0.3}) {
      int wanted = (int) Math.ceil(share * (ratios.length - 1));
      double exact = ratios[ratios.length - wanted];
      double found = counted.exceededBy(share);
      assertThat(found).isLessThan(exact).isCloseTo(exact, within(exact / 4000));
    }
  }

  @Test
  void aLargeParameterIsCountedInParts() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray forget = manager.arange(1f, 1_500_001f).reshape(new Shape(1000, 1500));
      NDArray retain = manager.full(new Shape(1000, 1500), 2f);
      ImportanceRatios counted = new ImportanceRatios();
      counted.add(forget, retain);
      counted.add(manager.zeros(new Shape(3)), manager.zeros(new Shape(3)));
      assertThat(counted.exceededBy(0.5)).isCloseTo(375_000, within(100.0));
      assertThat(counted.exceededBy(0.1)).isCloseTo(675_000, within(200.0));
      assertThat(forget.getManager()).isSameAs(manager);
    }
  }
}
