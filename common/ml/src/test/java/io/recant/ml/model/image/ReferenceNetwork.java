package io.recant.ml.model.image;

import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The layers and the networks again, as plain loops in double precision over one number an element:
 * what PyTorch's are held to.
 */
final class ReferenceNetwork {

  /** N feature maps, (N, C, H, W). */
  record Maps(int rows, int channels, int height, int width, double[] values) {

    Maps(int rows, int channels, int height, int width) {
      this(rows, channels, height, width, new double[rows * channels * height * width]);
    }

    int at(int n, int c, int y, int x) {
      return ((n * channels + c) * height + y) * width + x;
    }
  }

  /** Every array by name, to be changed. */
  final Map<String, double[]> arrays = new HashMap<>();

  private final boolean training;

  /**
   * @param training whether batch normalisation takes its statistics from the batch, and moves the
   *     running ones
   */
  ReferenceNetwork(Parameters parameters, boolean training) {
    this.training = training;
    for (Parameter parameter : parameters) {
      float[] values = parameter.value().toFloatArray();
      double[] copy = new double[values.length];
      for (int i = 0; i < copy.length; i++) {
        copy[i] = values[i];
      }
      arrays.put(parameter.name(), copy);
    }
  }

  Maps convolution(String name, Maps x) {
    double[] weight = arrays.get(name + ".weight");
    double[] bias = arrays.get(name + ".bias");
    Maps y = new Maps(x.rows, weight.length / (9 * x.channels), x.height, x.width);
    for (int n = 0; n < y.rows; n++) {
      for (int to = 0; to < y.channels; to++) {
        for (int row = 0; row < y.height; row++) {
          for (int column = 0; column < y.width; column++) {
            y.values[y.at(n, to, row, column)] =
                (bias == null ? 0 : bias[to]) + window(weight, to, x, n, row, column);
          }
        }
      }
    }
    return y;
  }

  private static double window(double[] weight, int to, Maps x, int n, int row, int column) {
    double sum = 0;
    for (int from = 0; from < x.channels; from++) {
      for (int i = 0; i < 9; i++) {
        int r = row + i / 3 - 1;
        int c = column + i % 3 - 1;
        if (r >= 0 && r < x.height && c >= 0 && c < x.width) {
          sum += weight[(to * x.channels + from) * 9 + i] * x.values[x.at(n, from, r, c)];
        }
      }
    }
    return sum;
  }

  Maps normalisation(String name, Maps x) {
    Maps y = new Maps(x.rows, x.channels, x.height, x.width);
    double[] runningMean = arrays.get(name + ".running_mean");
    double[] runningVariance = arrays.get(name + ".running_var");
    int count = x.rows * x.height * x.width;
    for (int c = 0; c < x.channels; c++) {
      double mean = runningMean[c];
      double variance = runningVariance[c];
      if (training) {
        mean = 0;
        variance = 0;
        for (int i = 0; i < x.values.length; i++) {
          mean += channel(x, i) == c ? x.values[i] / count : 0;
        }
        for (int i = 0; i < x.values.length; i++) {
          variance += channel(x, i) == c ? Math.pow(x.values[i] - mean, 2) / count : 0;
        }
        runningMean[c] += 0.1 * (mean - runningMean[c]);
        runningVariance[c] += 0.1 * (variance * count / (count - 1) - runningVariance[c]);
      }
      for (int i = 0; i < x.values.length; i++) {
        if (channel(x, i) == c) {
          y.values[i] =
              arrays.get(name + ".weight")[c] * (x.values[i] - mean) / Math.sqrt(variance + 1e-5)
                  + arrays.get(name + ".bias")[c];
        }
      }
    }
    return y;
  }

  private static int channel(Maps x, int i) {
    return i / (x.height * x.width) % x.channels;
  }

  static Maps relu(Maps x) {
    double[] values = x.values.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, values[i]);
    }
    return new Maps(x.rows, x.channels, x.height, x.width, values);
  }

  /** The largest of each window of that size. */
  static Maps pool(Maps x, int height, int width) {
    Maps y = new Maps(x.rows, x.channels, x.height / height, x.width / width);
    Arrays.fill(y.values, Double.NEGATIVE_INFINITY);
    for (int n = 0; n < y.rows; n++) {
      for (int c = 0; c < y.channels; c++) {
        for (int row = 0; row < y.height * height; row++) {
          for (int column = 0; column < y.width * width; column++) {
            int to = y.at(n, c, row / height, column / width);
            y.values[to] = Math.max(y.values[to], x.values[x.at(n, c, row, column)]);
          }
        }
      }
    }
    return y;
  }

  Maps linear(String name, Maps x) {
    double[] weight = arrays.get(name + ".weight");
    double[] bias = arrays.get(name + ".bias");
    int inputs = x.values.length / x.rows;
    Maps y = new Maps(x.rows, bias.length, 1, 1);
    for (int n = 0; n < x.rows; n++) {
      for (int k = 0; k < bias.length; k++) {
        double sum = bias[k];
        for (int d = 0; d < inputs; d++) {
          sum += weight[k * inputs + d] * x.values[n * inputs + d];
        }
        y.values[n * bias.length + k] = sum;
      }
    }
    return y;
  }

  Maps smallCnn(Maps x) {
    Maps first = pool(relu(convolution("conv1", x)), 2, 2);
    Maps second = pool(relu(convolution("conv2", first)), 2, 2);
    return linear("fc2", relu(linear("fc1", second)));
  }

  Maps resNet9(Maps x) {
    Maps first = residual("layer1", pool(block("layer1", block("prep", x)), 2, 2));
    Maps third =
        residual("layer3", pool(block("layer3", pool(block("layer2", first), 2, 2)), 2, 2));
    return linear("linear", pool(third, third.height, third.width));
  }

  private Maps residual(String name, Maps x) {
    Maps twice = block(name + ".residual.res2", block(name + ".residual.res1", x));
    Maps y = new Maps(x.rows, x.channels, x.height, x.width);
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = x.values[i] + twice.values[i];
    }
    return y;
  }

  private Maps block(String name, Maps x) {
    return relu(normalisation(name + ".bn", convolution(name + ".conv", x)));
  }
}
