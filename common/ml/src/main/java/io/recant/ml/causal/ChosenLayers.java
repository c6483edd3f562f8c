package io.recant.ml.causal;

import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A decoder of which some layers alone are trained. */
public final class ChosenLayers {

  private ChosenLayers() {}

  /**
   * Freezes everything but some layers. The arrays move to the model returned; the model given is
   * closed.
   *
   * @param layers from 1
   * @throws ConfigException when the model has no such layer, or has adapters; it is not closed
   *     then
   */
  public static CausalModel of(CausalModel base, Set<Integer> layers) {
    Decoder decoder = base.decoder();
    for (int layer : layers) {
      if (layer < 1 || layer > decoder.layers()) {
        throw new ConfigException(
            "layer " + layer + " is none of the model's, which are 1 to " + decoder.layers());
      }
    }
    if (base.adapters().isPresent()) {
      throw new ConfigException("the model has adapters, which alone are trained: no layers then");
    }
    CausalModel chosen =
        base.with(
            Optional.empty(),
            owner -> {
              List<Parameter> parameters = new ArrayList<>();
              for (Parameter parameter : base.parameters()) {
                parameter.value().attach(owner);
                Autograd.untrack(List.of(parameter.value()));
                boolean trained = layers.contains(layer(parameter.name(), decoder.layerPrefix()));
                parameters.add(new Parameter(parameter.name(), parameter.value(), trained));
              }
              return new Parameters(parameters);
            });
    base.close();
    return chosen;
  }

  /** Which layer a parameter is of, from 1; 0 for what is outside them. */
  private static int layer(String name, String prefix) {
    return name.startsWith(prefix)
        ? 1 + Integer.parseInt(name.substring(prefix.length(), name.indexOf('.', prefix.length())))
        : 0;
  }
}
