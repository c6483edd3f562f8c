package io.recant.ml.model.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One hidden layer: {@code z = W2 dropout(relu(W1 x + b1)) + b2}. It owns nothing; the parameters
 * belong to the manager they were made with.
 *
 * @param parameters {@code dense.weight} (h, d), {@code dense.bias} (h), {@code out_proj.weight}
 *     (K, h), {@code out_proj.bias} (K), in this order
 * @param dropout the share of hidden units silenced in training
 */
public record Perceptron(Parameters parameters, double dropout) {

  static final String HIDDEN_WEIGHT = "dense.weight";
  static final String HIDDEN_BIAS = "dense.bias";
  static final String OUTPUT_WEIGHT = "out_proj.weight";
  static final String OUTPUT_BIAS = "out_proj.bias";

  /**
   * Random weights, uniform with the variance of He et al. (2015) before the rectifier and of
   * Glorot and Bengio (2010) after it; zero biases.
   *
   * @param inputs d, the length of a vector
   * @param hidden h
   * @param outputs K
   */
  public static Perceptron create(
      int inputs, int hidden, int outputs, double dropout, long seed, NDManager manager) {
    SplittableRandom random = new SplittableRandom(seed);
    double first = Math.sqrt(6.0 / inputs);
    double second = Math.sqrt(6.0 / ((double) hidden + outputs));
    return new Perceptron(
        new Parameters(
            List.of(
                new Parameter(HIDDEN_WEIGHT, uniform(hidden, inputs, first, random, manager), true),
                new Parameter(HIDDEN_BIAS, manager.zeros(new Shape(hidden)), true),
                new Parameter(
                    OUTPUT_WEIGHT, uniform(outputs, hidden, second, random, manager), true),
                new Parameter(OUTPUT_BIAS, manager.zeros(new Shape(outputs)), true))),
        dropout);
  }

  private static NDArray uniform(
      int rows, int columns, double bound, SplittableRandom random, NDManager manager) {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    return manager.create(values, new Shape(rows, columns));
  }

  /** The parameters' shapes by name, in order. */
  static Map<String, Shape> shapes(int inputs, int hidden, int outputs) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(HIDDEN_WEIGHT, new Shape(hidden, inputs));
    shapes.put(HIDDEN_BIAS, new Shape(hidden));
    shapes.put(OUTPUT_WEIGHT, new Shape(outputs, hidden));
    shapes.put(OUTPUT_BIAS, new Shape(outputs));
    return shapes;
  }

  /** The logits (N, K) of vectors (N, d); they belong to the manager of {@code x}. */
  public NDArray logits(NDArray x, Dropout noise) {
    return output(noise.apply(hidden(x), dropout));
  }

  /** The hidden activations (N, h), rectified. */
  public NDArray hidden(NDArray x) {
    return Activation.relu(linear(x, HIDDEN_WEIGHT, HIDDEN_BIAS));
  }

  /** The logits of hidden activations. */
  public NDArray output(NDArray hidden) {
    return linear(hidden, OUTPUT_WEIGHT, OUTPUT_BIAS);
  }

  private NDArray linear(NDArray x, String weight, String bias) {
    return Linear.linear(x, parameters.get(weight), parameters.get(bias)).singletonOrThrow();
  }
}
