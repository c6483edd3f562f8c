package io.recant.ml.causal;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The parameters of a decoder that has learned nothing.
 *
 * <p>Norms start at one and biases at zero. Matrices are drawn from normal distributions of
 * deviation 1/sqrt(inputs); those that write into the residual stream have it divided by sqrt(2
 * layers) (Radford et al. 2019). The embedding's is 2/sqrt(width), so that first logits vary by
 * about 2. The usual 0.02 is meant for widths near 1,000: at a width of 128 a model starts all but
 * silent, and takes twice the steps to learn the same texts.
 */
final class RandomParameters {

  private RandomParameters() {}

  /**
   * Trainable parameters; equal seeds give equal ones.
   *
   * @param manager owner of the arrays
   */
  static Parameters draw(Decoder decoder, long seed, NDManager manager) {
    Random random = new Random(seed);
    List<Parameter> parameters = new ArrayList<>();
    for (Map.Entry<String, Shape> entry : decoder.shapes().entrySet()) {
      String name = entry.getKey();
      Shape shape = entry.getValue();
      float[] values = new float[Math.toIntExact(shape.size())];
      if (shape.dimension() > 1) {
        double deviation = decoder.deviation(name, shape);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (deviation * random.nextGaussian());
        }
      } else if (!name.endsWith(".bias")) {
        Arrays.fill(values, 1);
      }
      parameters.add(new Parameter(name, manager.create(values, shape), true));
    }
    return new Parameters(parameters);
  }
}
