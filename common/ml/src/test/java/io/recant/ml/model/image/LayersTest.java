package io.recant.ml.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.image.ReferenceNetwork.Maps;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PyTorch's layers as they are called here are those of plain loops. */
class LayersTest {

  private final NDManager manager = Devices.manager(TestDevice.get());
  private final SplittableRandom random = new SplittableRandom(7);
  private final Parameters parameters =
      new Parameters(
          List.of(
              weight("conv.weight", new Shape(4, 3, 3, 3)),
              weight("conv.bias", new Shape(4)),
              weight("bn.weight", new Shape(3)),
              weight("bn.bias", new Shape(3)),
              statistic("bn.running_mean", 0.3f, -0.2f, 0),
              statistic("bn.running_var", 1.5f, 0.5f, 2)));

  @AfterEach
  void close() {
    manager.close();
  }

  private Parameter weight(String name, Shape shape) {
    return new Parameter(name, manager.create(normal((int) shape.size()), shape), true);
  }

  private Parameter statistic(String name, float... values) {
    return new Parameter(name, manager.create(values), Parameter.Kind.RUNNING_STATISTIC);
  }

  private float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private NDArray input(int rows, int height, int width) {
    return manager.create(normal(rows * 3 * height * width), new Shape(rows, 3, height, width));
  }

  static Maps maps(NDArray x) {
    float[] floats = x.toFloatArray();
    Shape shape = x.getShape();
    Maps maps =
        new Maps((int) shape.get(0), (int) shape.get(1), (int) shape.get(2), (int) shape.get(3));
    for (int i = 0; i < floats.length; i++) {
      maps.values()[i] = floats[i];
    }
    return maps;
  }

  static void assertEqual(NDArray actual, Maps expected) {
    float[] values = actual.toFloatArray();
    assertThat(values).hasSize(expected.values().length);
    for (int i = 0; i < values.length; i++) {
      assertThat((double) values[i]).isCloseTo(expected.values()[i], within(2e-5));
    }
  }

  private Layers layers(Layers.Statistics statistics) {
    return new Layers(parameters, statistics);
  }

  @Test
  void convolutionsLookAtNeighboursAndAtZerosBeyondTheBorder() {
    NDArray x = input(2, 5, 4);
    ReferenceNetwork reference = new ReferenceNetwork(parameters, false);
    NDArray biased = layers(Layers.Statistics.RUNNING).biasedConvolution("conv", x);
    assertThat(biased.getShape()).isEqualTo(new Shape(2, 4, 5, 4));
    assertEqual(biased, reference.convolution("conv", maps(x)));
    reference.arrays.remove("conv.bias");
    assertEqual(
        layers(Layers.Statistics.RUNNING).convolution("conv", x),
        reference.convolution("conv", maps(x)));
  }

  @Test
  void poolingTakesTheLargestAndLeavesAnOddEdgeOut() {
    NDArray x = input(2, 5, 7);
    NDArray pooled = Layers.pool(x);
    assertThat(pooled.getShape()).isEqualTo(new Shape(2, 3, 2, 3));
    assertEqual(pooled, ReferenceNetwork.pool(maps(x), 2, 2));
  }

  @Test
  void outsideOfTrainingRunningStatisticsNormaliseAndStay() {
    NDArray x = input(3, 4, 5);
    ReferenceNetwork reference = new ReferenceNetwork(parameters, false);
    assertEqual(
        layers(Layers.Statistics.RUNNING).normalisation("bn", x),
        reference.normalisation("bn", maps(x)));
    assertThat(parameters.get("bn.running_mean").toFloatArray()).containsExactly(0.3f, -0.2f, 0);
    assertThat(parameters.get("bn.running_var").toFloatArray()).containsExactly(1.5f, 0.5f, 2);
  }

  /** After k batches: sum over them of 0.1 * 0.9^(k - i) s_i, and 0.9^k of the start. */
  @Test
  void inTrainingTheBatchNormalisesAndRunningStatisticsFollow() {
    double mean = 0.9 * 0.9 * 0.9 * 0.3;
    double variance = 0.9 * 0.9 * 0.9 * 1.5;
    for (int i = 0; i < 3; i++) {
      NDArray x = input(3, 4, 5);
      ReferenceNetwork reference = new ReferenceNetwork(parameters, true);
      NDArray y;
      try (GradMode on = i == 1 ? GradMode.inference() : GradMode.training()) {
        y = layers(Layers.Statistics.BATCH).normalisation("bn", x);
      }
      assertEqual(y, reference.normalisation("bn", maps(x)));
      double batchMean = 0;
      double batchSquare = 0;
      for (int n = 0; n < 3; n++) {
        for (int at = 0; at < 20; at++) {
          double value = maps(x).values()[n * 60 + at];
          batchMean += value / 60;
          batchSquare += value * value / 60;
        }
      }
      mean += 0.1 * Math.pow(0.9, 2 - i) * batchMean;
      variance += 0.1 * Math.pow(0.9, 2 - i) * (batchSquare - batchMean * batchMean) * 60 / 59;
    }
    assertThat((double) parameters.get("bn.running_mean").toFloatArray()[0])
        .isCloseTo(mean, within(1e-6));
    assertThat((double) parameters.get("bn.running_var").toFloatArray()[0])
        .isCloseTo(variance, within(1e-6));
  }

  @Test
  void aChannelOfOneNumberIsNormalisedByTheRunningStatistics() {
    NDArray x = input(1, 1, 1);
    ReferenceNetwork reference = new ReferenceNetwork(parameters, false);
    assertEqual(
        layers(Layers.Statistics.BATCH).normalisation("bn", x),
        reference.normalisation("bn", maps(x)));
    assertThat(parameters.get("bn.running_var").toFloatArray()).containsExactly(1.5f, 0.5f, 2);
  }
}
