package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import io.recant.ml.model.Parameters;

/**
 * The layers of a network by name, for one pass. Inputs are (N, C, H, W); results belong to their
 * manager.
 */
final class Layers {

  /** What batch normalisation takes a channel's mean and variance from. */
  enum Statistics {
    /** The batch; the running statistics move towards it. */
    BATCH,
    /** The running statistics, which stay as they are. */
    RUNNING
  }

  /** How a layer's output follows from its input. */
  enum Kind {
    CONVOLUTION,
    NORMALISATION,
    LINEAR
  }

  /** Is shown every layer that has weights, and says what goes on in place of its output. */
  @FunctionalInterface
  interface Observer {
    NDArray output(Kind kind, String name, NDArray input, NDArray output);
  }

  static final String WEIGHT = ".weight";
  static final String BIAS = ".bias";
  static final String RUNNING_MEAN = ".running_mean";
  static final String RUNNING_VARIANCE = ".running_var";

  /** Added to a variance before its root. */
  static final float EPSILON = 1e-5f;

  /** How far running statistics go towards a batch's. */
  static final float MOMENTUM = 0.1f;

  private static final Shape ONE = new Shape(1, 1);
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape NONE = new Shape(0, 0);

  /** DJL's name for the second axis where PyTorch computes it; other axes are swapped there. */
  private static final int CHANNELS = -1;

  private final Parameters parameters;
  private final Statistics statistics;
  private final Observer observer;

  Layers(Parameters parameters, Statistics statistics, Observer observer) {
    this.parameters = parameters;
    this.statistics = statistics;
    this.observer = observer;
  }

  Layers(Parameters parameters, Statistics statistics) {
    this(parameters, statistics, (kind, name, input, output) -> output);
  }

  /** 3 x 3, with a border of zeros, so that the size stays: (N, C', H, W). */
  NDArray convolution(String name, NDArray x) {
    return convolution(name, x, null);
  }

  /** The same with a bias. */
  NDArray biasedConvolution(String name, NDArray x) {
    return convolution(name, x, parameters.get(name + BIAS));
  }

  private NDArray convolution(String name, NDArray x, NDArray bias) {
    NDArray weight = parameters.get(name + WEIGHT);
    NDArray output = Conv2d.conv2d(x, weight, bias, ONE, ONE).singletonOrThrow();
    return observer.output(Kind.CONVOLUTION, name, x, output);
  }

  /**
   * Batch normalisation (Ioffe and Szegedy, 2015) as PyTorch has it: {@code y = g (x - m) / sqrt(v
   * + e) + b} for each channel, in {@link Statistics#BATCH} with the batch's mean m and variance v
   * over N, H and W, towards which the running ones move by a tenth, the variance there with the
   * divisor n - 1. A channel that is one number has no variance: it is normalised by the running
   * statistics, which then stay as they are.
   */
  NDArray normalisation(String name, NDArray x) {
    long channels = x.getShape().get(1);
    boolean batch = statistics == Statistics.BATCH && x.size() > channels;
    NDArray output =
        BatchNorm.batchNorm(
                x,
                parameters.get(name + RUNNING_MEAN),
                parameters.get(name + RUNNING_VARIANCE),
                parameters.get(name + WEIGHT),
                parameters.get(name + BIAS),
                CHANNELS,
                // DJL's is the share that stays.
                1 - MOMENTUM,
                EPSILON,
                batch)
            .singletonOrThrow();
    return observer.output(Kind.NORMALISATION, name, x, output);
  }

  /** (N, D) to (N, D'). */
  NDArray linear(String name, NDArray x) {
    NDArray output =
        Linear.linear(x, parameters.get(name + WEIGHT), parameters.get(name + BIAS))
            .singletonOrThrow();
    return observer.output(Kind.LINEAR, name, x, output);
  }

  static NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  /** The largest of each 2 x 2, a last odd row or column left out: (N, C, H / 2, W / 2). */
  static NDArray pool(NDArray x) {
    return Pool.maxPool2d(x, TWO, TWO, NONE, false);
  }
}
