package io.recant.ml.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AutogradTest {

  private final NDManager manager = Devices.manager(TestDevice.get());

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray tracked(float... values) {
    NDArray array = manager.create(values);
    Autograd.track(List.of(array));
    return array;
  }

  /** sum (x w)^2 has gradient 2 x^2 w. */
  private static void backward(NDArray w, float... x) {
    try (GradMode on = GradMode.training();
        NDManager batch = w.getManager().newSubManager()) {
      Autograd.backward(batch.create(x).mul(w).square().sum());
    }
  }

  @Test
  void backwardLeavesTheGradientAndAddsUp() {
    NDArray w = tracked(1, -2, 3);
    backward(w, 1, 2, 3);
    assertThat(Autograd.gradient(w, manager).toFloatArray()).containsExactly(2, -16, 54);
    backward(w, 1, 2, 3);
    assertThat(Autograd.gradient(w, manager).toFloatArray()).containsExactly(4, -32, 108);
  }

  @Test
  void zeroClearsOnlyWhatItIsGiven() {
    NDArray mine = tracked(1, 1);
    NDArray theirs = tracked(1, 1);
    backward(mine, 1, 2);
    backward(theirs, 1, 2);
    Autograd.zero(List.of(mine));
    assertThat(Autograd.gradient(mine, manager).toFloatArray()).containsExactly(0, 0);
    assertThat(Autograd.gradient(theirs, manager).toFloatArray()).containsExactly(2, 8);
  }

  @Test
  void anUntouchedParameterHasZeroGradient() {
    assertThat(Autograd.gradient(tracked(5, 6), manager).toFloatArray()).containsExactly(0, 0);
    Autograd.zero(List.of(tracked(5)));
  }

  @Test
  void clippingScalesAllGradientsTogetherWhateverTheirSign() {
    NDArray a = tracked(-1.5f);
    NDArray b = tracked(2);
    backward(a, 1);
    backward(b, 1);
    assertThat(Autograd.globalNorm(List.of(a, b))).isCloseTo(5, within(1e-6));
    assertThat(Autograd.clip(List.of(a, b), 1)).isCloseTo(5, within(1e-6));
    assertThat(Autograd.gradient(a, manager).getFloat(0)).isCloseTo(-0.6f, within(1e-6f));
    assertThat(Autograd.gradient(b, manager).getFloat(0)).isCloseTo(0.8f, within(1e-6f));
    assertThat(Autograd.clip(List.of(a, b), 10)).isCloseTo(1, within(1e-6));
    assertThat(Autograd.gradient(b, manager).getFloat(0)).isCloseTo(0.8f, within(1e-6f));
  }

  @Test
  void aNormThatIsNotFiniteIsReportedAndNothingScaled() {
    NDArray a = tracked(Float.POSITIVE_INFINITY);
    NDArray b = tracked(2);
    backward(a, 1);
    backward(b, 1);
    assertThat(Autograd.clip(List.of(a, b), 1)).isInfinite();
    assertThat(Autograd.gradient(b, manager).getFloat(0)).isEqualTo(4);
  }

  @Test
  void onlyANumberIsALoss() {
    NDArray w = tracked(1, 2);
    assertThatThrownBy(() -> Autograd.backward(w)).hasMessageContaining("(2)");
  }

  @Test
  void scopesNestAndRestore() {
    boolean before = JniUtils.isGradMode();
    try (GradMode off = GradMode.inference()) {
      assertThat(JniUtils.isGradMode()).isFalse();
      try (GradMode on = GradMode.training()) {
        assertThat(JniUtils.isGradMode()).isTrue();
      }
      assertThat(JniUtils.isGradMode()).isFalse();
    }
    assertThat(JniUtils.isGradMode()).isEqualTo(before);
  }

  @Test
  void twoTasksAtOnceGetTheGradientsOfOneAlone() throws Exception {
    int tasks = 2;
    ExecutorService pool = Executors.newFixedThreadPool(tasks);
    CyclicBarrier start = new CyclicBarrier(tasks);
    try {
      List<Future<float[]>> results = new ArrayList<>();
      for (int task = 0; task < tasks; task++) {
        results.add(
            pool.submit(
                () -> {
                  start.await();
                  return train(200);
                }));
      }
      float[] alone = train(200);
      for (Future<float[]> result : results) {
        assertThat(result.get()).containsExactly(alone);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** The gradient after some steps of gradient descent on a small regression. */
  private static float[] train(int steps) {
    try (NDManager own = Devices.manager(TestDevice.get());
        GradMode on = GradMode.training()) {
      NDArray w = own.ones(new Shape(3, 4)).mul(0.1f);
      Autograd.track(List.of(w));
      float[] last = null;
      for (int step = 0; step < steps; step++) {
        Autograd.zero(List.of(w));
        try (NDManager batch = own.newSubManager()) {
          NDArray x = batch.arange(12f).reshape(4, 3).div(12);
          Autograd.backward(x.matMul(w).sub(1).square().mean());
          NDArray gradient = Autograd.gradient(w, batch);
          last = gradient.toFloatArray();
          try (GradMode off = GradMode.inference()) {
            w.subi(gradient.mul(0.1f));
          }
        }
      }
      return last;
    }
  }

  @Test
  void stepsLeaveNothingBehindWithTheModel() {
    NDArray w = tracked(1, 2, 3);
    int before = manager.getManagedArrays().size();
    for (int step = 0; step < 5; step++) {
      backward(w, 1, 2, 3);
      Autograd.clip(List.of(w), 1);
      Autograd.zero(List.of(w));
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
  }
}
