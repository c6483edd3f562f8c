package io.recant.ml.loss;

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
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Holds a loss on arrays to the same formula in plain Java, in value and in gradient. */
public final class GradientCheck {

  private static final double STEP = 1e-5;

  private GradientCheck() {}

  public static void hold(
      Function<NDArray, NDArray> loss,
      ToDoubleFunction<double[]> formula,
      double[] x,
      Shape shape) {
    float[] values = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = (float) x[i];
      x[i] = values[i];
    }
    try (NDManager manager = Devices.manager(TestDevice.get());
        GradMode on = GradMode.training()) {
      NDArray input = manager.create(values, shape);
      Autograd.track(List.of(input));
      NDArray result = loss.apply(input);
      double expected = formula.applyAsDouble(x);
      assertThat((double) result.toFloatArray()[0])
          .as("value")
          .isCloseTo(expected, within(1e-5 * (1 + Math.abs(expected))));
      Autograd.backward(result);
      float[] gradient = Autograd.gradient(input, manager).toFloatArray();
      for (int i = 0; i < x.length; i++) {
        double kept = x[i];
        x[i] = kept + STEP;
        double above = formula.applyAsDouble(x);
        x[i] = kept - STEP;
        double below = formula.applyAsDouble(x);
        x[i] = kept;
        double slope = (above - below) / (2 * STEP);
        assertThat((double) gradient[i])
            .as("slope of element %d", i)
            .isCloseTo(slope, within(2e-5 * (1 + Math.abs(slope))));
      }
    }
  }

  public static double[] normal(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = 2 * random.nextGaussian();
    }
    return values;
  }

  /** Log-softmax of {@code width} numbers from {@code offset}, each divided by a temperature. */
  public static double[] logSoftmax(double[] z, int offset, int width, double temperature) {
    double sum = 0;
    for (int k = 0; k < width; k++) {
      sum += Math.exp(z[offset + k] / temperature);
    }
    double[] logs = new double[width];
    for (int k = 0; k < width; k++) {
      logs[k] = z[offset + k] / temperature - Math.log(sum);
    }
    return logs;
  }
}
