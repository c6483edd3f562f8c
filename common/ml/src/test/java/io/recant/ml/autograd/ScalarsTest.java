package io.recant.ml.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScalarsTest {

  /** Whatever Java memory the factor stood on, a collection between the passes must not matter. */
  @Test
  void theFactorOutlivesAGarbageCollection() {
    for (int round = 0; round < 20; round++) {
      try (NDManager manager = Devices.manager(TestDevice.get())) {
        NDArray x = manager.ones(new Shape(4));
        Autograd.track(List.of(x));
        try (NDManager graph = manager.newSubManager();
            GradMode on = GradMode.training()) {
          NDArray mine = graph.ones(new Shape(4)).mul(x);
          NDArray loss = Scalars.times(mine, 3).sum();
          collectAndOverwrite();
          Autograd.backward(loss);
          assertThat(Autograd.gradient(x, graph).toFloatArray()).containsExactly(3f, 3f, 3f, 3f);
        }
      }
    }
  }

  private static void collectAndOverwrite() {
    System.gc();
    for (int i = 0; i < 500; i++) {
      ByteBuffer memory = ByteBuffer.allocateDirect(4 + 4 * (i % 4));
      while (memory.hasRemaining()) {
        memory.put((byte) -1);
      }
    }
  }
}
