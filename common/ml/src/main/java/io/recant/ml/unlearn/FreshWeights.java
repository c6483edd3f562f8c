package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.util.function.BooleanSupplier;

/** Weights between those of a model and those of one that has learned nothing. */
final class FreshWeights {

  private static final double STEP = 0.2;

  /** From here on hardly anything would be let go. */
  private static final double MOST = 0.95;

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
    if (keep < 1) {
      try (Model fresh = model.untrained(seed)) {
        mix(model, model, fresh, keep, method);
      }
    }
  }

  /**
   * The same with the least that can be kept.
   *
   * @param least where to begin; rises in steps of {@value #STEP}
   * @param serves whether the model, which has the weights that are asked about, will do
   * @return what is kept; 1, and the model as it was, where nothing less serves
   */
  static double mixInto(
      Model model, double least, long seed, String method, BooleanSupplier serves) {
    try (Model start = model.copy();
        Model fresh = model.untrained(seed)) {
      for (int step = 0; least + step * STEP < MOST; step++) {
        double keep = least + step * STEP;
        mix(model, start, fresh, keep, method);
        if (serves.getAsBoolean()) {
          return keep;
        }
      }
      model.parameters().assign(start.parameters());
      return 1;
    }
  }

  private static void mix(Model model, Model start, Model fresh, double keep, String method) {
    try (GradMode off = GradMode.inference()) {
      for (Parameter parameter : model.parameters()) {
        if (parameter.trainable()) {
          String name = parameter.name();
          try (NDArray kept = start.parameters().get(name).duplicate();
              NDArray part = of(fresh.parameters(), name, method).duplicate()) {
            InPlace.copy(kept.muli(keep).addi(part.muli(1 - keep)), parameter.value());
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
