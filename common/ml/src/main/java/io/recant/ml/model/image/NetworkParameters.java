package io.recant.ml.model.image;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The arrays of a network: new ones, and those of a model directory. */
final class NetworkParameters {

  /** PyTorch counts batches beside the running statistics, and needs the count for nothing. */
  private static final String BATCHES = ".num_batches_tracked";

  private NetworkParameters() {}

  /**
   * Random weights, uniform with the variance of He et al. (2015) before rectifiers and of Glorot
   * and Bengio (2010) in the head; zero biases; normalisations that change nothing.
   */
  static Parameters draw(Network network, long seed, NDManager manager) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Parameter> parameters = new ArrayList<>();
    for (Map.Entry<String, Shape> entry : network.shapes().entrySet()) {
      String name = entry.getKey();
      Shape shape = entry.getValue();
      float[] values = new float[Math.toIntExact(shape.size())];
      if (shape.dimension() > 1) {
        boolean head = name.equals(network.head() + Layers.WEIGHT);
        double inputs = (double) shape.size() / shape.get(0);
        fill(values, Math.sqrt(6 / (inputs + (head ? shape.get(0) : 0))), random);
      } else if (name.endsWith(Layers.WEIGHT) || name.endsWith(Layers.RUNNING_VARIANCE)) {
        Arrays.fill(values, 1);
      }
      parameters.add(new Parameter(name, manager.create(values, shape), kind(name)));
    }
    return new Parameters(parameters);
  }

  private static void fill(float[] values, double bound, SplittableRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
  }

  /**
   * Reads a network's arrays.
   *
   * @throws InputException when the directory does not hold exactly these, or a variance is below 0
   */
  static Parameters load(Path directory, Network network, NDManager manager) {
    Parameters parameters =
        Parameters.loadKinds(
            directory,
            network.shapes(),
            NetworkParameters::kind,
            name -> name.endsWith(BATCHES),
            manager);
    for (Parameter parameter : parameters) {
      if (parameter.name().endsWith(Layers.RUNNING_VARIANCE)) {
        for (float variance : parameter.value().toFloatArray()) {
          if (variance < 0) {
            throw new InputException(
                directory + ": tensor '" + parameter.name() + "' holds a variance of " + variance);
          }
        }
      }
    }
    return parameters;
  }

  private static Parameter.Kind kind(String name) {
    return name.endsWith(Layers.RUNNING_MEAN) || name.endsWith(Layers.RUNNING_VARIANCE)
        ? Parameter.Kind.RUNNING_STATISTIC
        : Parameter.Kind.TRAINABLE;
  }
}
