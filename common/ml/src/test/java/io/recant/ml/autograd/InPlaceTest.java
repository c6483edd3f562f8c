package io.recant.ml.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import org.junit.jupiter.api.Test;

class InPlaceTest {

  @Test
  void everyValueIsThere() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      float[] values = {1, Float.NaN, -0f, Float.POSITIVE_INFINITY, 5, Float.MIN_VALUE};
      for (Shape shape : new Shape[] {new Shape(6), new Shape(2, 3), new Shape(1, 3, 2, 1)}) {
        NDArray from = manager.create(values, shape);
        NDArray to = manager.zeros(shape);
        NDArray view = to.reshape(-1);
        int before = manager.getManagedArrays().size();

        InPlace.copy(from, to);

        assertThat(manager.getManagedArrays()).as("nothing is left beside it").hasSize(before);
        assertThat(to.toFloatArray()).containsExactly(values);
        assertThat(view.toFloatArray()).as("in the same memory").containsExactly(values);
      }
    }
  }

  /** A parameter is overwritten between two passes, and its gradient is of the new values. */
  @Test
  void aParameterStaysOne() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray weight = manager.create(new float[] {1, 2});
      weight.setRequiresGradient(true);
      try (GradMode off = GradMode.inference()) {
        InPlace.copy(manager.create(new float[] {3, 4}), weight);
      }
      try (GradMode on = GradMode.training()) {
        Autograd.backward(weight.square().sum());
      }
      assertThat(Autograd.gradient(weight, manager).toFloatArray()).containsExactly(6, 8);
    }
  }

  @Test
  void nothingIsBroadcast() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray to = manager.zeros(new Shape(2, 3));
      assertThatThrownBy(() -> InPlace.copy(manager.ones(new Shape(3)), to))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(3)");
      assertThatThrownBy(() -> InPlace.copy(manager.ones(new Shape(1, 3)), to))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
