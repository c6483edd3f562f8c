package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;

/** Weights between those of a model and those of one that has learned nothing. */
final class FreshWeights {

  private FreshWeights() {}

  /**
   * {@code w = keep w + (1 - keep) w_new} for the trainable weights of a model.
   *
   * @param keep in [0, 1]
   * @param seed of the new model
   * @param method whose settings ask for it, for the message
   * @throws ConfigException when what is trainable are adapters, of which a new model has none
   */
  static void mixInto(Model model, double keep, long seed, String method) {
    if (keep == 1) {
      return;
    }
    try (Model fresh = model.untrained(seed);
        GradMode off = GradMode.inference()) {
      for (Parameter parameter : model.parameters()) {
        if (parameter.trainable()) {
          try (NDArray part =
              Scalars.times(of(fresh.parameters(), parameter.name(), method), 1 - keep)) {
            parameter.value().muli(keep).addi(part);
          }
        }
      }
    }
  }

  private static NDArray of(Parameters fresh, String name, String method) {
    for (Parameter parameter : fresh) {
      if (parameter.name().equals(name)) {
        return parameter.value();
      }
    }
    throw new ConfigException(
        method
            + ": "
            + name
            + " is of an adapter, which a new model does not have; train the weights themselves,"
            + " or take another method");
  }
}
