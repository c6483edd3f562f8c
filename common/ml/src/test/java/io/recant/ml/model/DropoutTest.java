package io.recant.ml.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DropoutTest {

  private static final double RATE = 0.25;

  private static NDArray ones(NDManager manager, int rows, int width) {
    return manager.ones(new Shape(rows, width));
  }

  /** Java's own SplitMix64, whose state cannot be read or set. */
  @Test
  void theGeneratorIsSplitMix() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      SplittableRandom random = new SplittableRandom(42);
      float[] dropped = Dropout.seeded(42).apply(ones(manager, 5, 7), RATE).toFloatArray();
      long bits = 0;
      for (int i = 0; i < dropped.length; i++) {
        bits = i % 4 == 0 ? random.nextLong() : bits >>> 16;
        assertThat(dropped[i]).isEqualTo((bits & 0xffff) < 16384 ? 0 : (float) (1 / 0.75));
      }
    }
  }

  /** Seven columns, so that rows begin in the middle of a draw. */
  @Test
  void rowsInPartsAreSilencedAsTheyAreTogether() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      Dropout whole = Dropout.seeded(3);
      whole.apply(ones(manager, 2, 7), RATE);
      Dropout parts = Dropout.seeded(3).at(whole.drawn());
      float[] together = whole.apply(ones(manager, 6, 7), RATE).toFloatArray();
      Dropout part = null;
      for (int[] rows : new int[][] {{0, 1}, {1, 4}, {4, 6}}) {
        part = parts.rows(rows[0], 6);
        float[] some = part.apply(ones(manager, rows[1] - rows[0], 7), RATE).toFloatArray();
        for (int i = 0; i < some.length; i++) {
          assertThat(some[i]).isEqualTo(together[rows[0] * 7 + i]);
        }
        assertThat(part.drawn()).isEqualTo(whole.drawn());
      }
      assertThat(parts.at(part.drawn()).apply(ones(manager, 3, 7), RATE).toFloatArray())
          .containsExactly(whole.apply(ones(manager, 3, 7), RATE).toFloatArray());
    }
  }
}
