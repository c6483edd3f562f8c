package io.recant.ml.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamWTest {

  /** Large epsilon and decay, so that a wrong place for either shows. */
  private static final AdamW.Constants CONSTANTS = new AdamW.Constants(0.9, 0.99, 0.05, 0.3);

  @Test
  void threeStepsAreThePapersFormula() {
    float[] gradients = {0.5f, -2f, 0.01f};
    double[] rates = {0.1, 0.2, 0.05};
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray matrix = manager.create(new float[] {1.5f}, new Shape(1, 1));
      NDArray bias = manager.create(new float[] {1.5f});
      Autograd.track(List.of(matrix, bias));
      try (AdamW optimizer = new AdamW(List.of(matrix, bias), CONSTANTS)) {
        for (int step = 0; step < 3; step++) {
          setGradient(matrix, gradients[step]);
          setGradient(bias, gradients[step]);
          optimizer.step(rates[step]);
          assertThat((double) matrix.toFloatArray()[0])
              .as("matrix after step %d", step)
              .isCloseTo(byHand(gradients, rates, step + 1, 0.3), within(1e-6));
          assertThat((double) bias.toFloatArray()[0])
              .as("bias after step %d", step)
              .isCloseTo(byHand(gradients, rates, step + 1, 0), within(1e-6));
        }
      }
    }
  }

  private static double byHand(float[] gradients, double[] rates, int steps, double decay) {
    double w = 1.5;
    double m = 0;
    double v = 0;
    for (int t = 1; t <= steps; t++) {
      double g = gradients[t - 1];
      double a = rates[t - 1];
      w *= 1 - a * decay;
      m = 0.9 * m + 0.1 * g;
      v = 0.99 * v + 0.01 * g * g;
      w -= a * (m / (1 - Math.pow(0.9, t))) / (Math.sqrt(v / (1 - Math.pow(0.99, t))) + 0.05);
    }
    return w;
  }

  private static void setGradient(NDArray parameter, float gradient) {
    Autograd.zero(List.of(parameter));
    try (GradMode on = GradMode.training();
        NDManager batch = parameter.getManager().newSubManager()) {
      Autograd.backward(batch.create(gradient).mul(parameter).sum());
    }
  }

  @Test
  void closingFreesTheMoments() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray w = manager.ones(new Shape(3, 3));
      Autograd.track(List.of(w));
      int before = manager.getManagedArrays().size();
      try (AdamW optimizer = new AdamW(List.of(w), AdamW.Constants.withDecay(0))) {
        optimizer.step(1);
      }
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }
}
