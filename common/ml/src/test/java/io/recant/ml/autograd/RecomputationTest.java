package io.recant.ml.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Segments that are computed twice: x to w x^2 to w (w x^2)^2 = w^3 x^4. */
class RecomputationTest {

  private final List<String> computed = new ArrayList<>();
  private NDManager manager;
  private NDArray weight;
  private NDArray input;

  @BeforeEach
  void begin() {
    manager = Devices.manager(TestDevice.get());
    weight = manager.create(new float[] {3});
    input = manager.create(new float[] {2});
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray output() {
    NDArray squared = Recomputation.of(input, x -> segment("first", x));
    return Recomputation.of(squared, x -> segment("second", x));
  }

  private NDArray segment(String name, NDArray x) {
    computed.add(name);
    return x.mul(x).mul(weight);
  }

  private float gradient(NDArray array) {
    return Autograd.gradient(array, manager).toFloatArray()[0];
  }

  @Test
  void gradientsAreThoseOfThePlainPass() {
    Autograd.track(List.of(weight, input));
    try (GradMode on = GradMode.training();
        Recomputation segments = Recomputation.begin(true)) {
      NDArray output = output();
      assertThat(output.toFloatArray()).containsExactly(27 * 16);
      assertThat(computed).containsExactly("first", "second");
      segments.backward(output.sum());
    }
    assertThat(computed).containsExactly("first", "second", "second", "first");
    assertThat(gradient(weight)).as("3 w^2 x^4").isEqualTo(27 * 16);
    assertThat(gradient(input)).as("4 w^3 x^3").isEqualTo(4 * 27 * 8);
  }

  /** As where an embedding is: what is before the first segment. */
  @Test
  void theWayLeadsBackBeyondTheFirstSegment() {
    Autograd.track(List.of(weight, input));
    NDArray before = input;
    try (GradMode on = GradMode.training();
        Recomputation segments = Recomputation.begin(true)) {
      input = before.mul(weight);
      segments.backward(output().sum());
    }
    assertThat(gradient(before)).as("4 w^7 x^3").isEqualTo(4 * 2187 * 8);
    assertThat(gradient(weight)).as("7 w^6 x^4").isEqualTo(7 * 729 * 16);
  }

  /** As where an embedding is not trained, or lies under adapters. */
  @Test
  void anInputThatNothingLeadsBackFromIsLeftAlone() {
    Autograd.track(List.of(weight));
    try (GradMode on = GradMode.training();
        Recomputation segments = Recomputation.begin(true)) {
      segments.backward(output().sum());
    }
    assertThat(gradient(weight)).isEqualTo(27 * 16);
    assertThat(input.hasGradient()).isFalse();
  }

  @Test
  void onlyOutputsAreKeptForTheWayBack() {
    Autograd.track(List.of(weight));
    try (GradMode on = GradMode.training();
        NDManager plain = manager.newSubManager();
        NDManager segmented = manager.newSubManager()) {
      input = plain.create(new float[] {2});
      output();
      assertThat(plain.getManagedArrays()).as("input, squares, outputs").hasSize(5);
      try (Recomputation segments = Recomputation.begin(true)) {
        input = segmented.create(new float[] {2});
        segments.backward(output().sum());
      }
      assertThat(segmented.getManagedArrays()).as("input, outputs, loss").hasSize(4);
    }
  }

  @Test
  void passesThatAreNotLedBackAreComputedOnce() {
    try (Recomputation segments = Recomputation.begin(true);
        GradMode off = GradMode.inference()) {
      output();
    }
    try (GradMode on = GradMode.training();
        Recomputation inactive = Recomputation.begin(false)) {
      Autograd.track(List.of(weight));
      inactive.backward(output().sum());
    }
    assertThat(computed).containsExactly("first", "second", "first", "second");
    assertThat(gradient(weight)).isEqualTo(27 * 16);
  }
}
