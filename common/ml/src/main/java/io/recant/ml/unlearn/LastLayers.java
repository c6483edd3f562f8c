package io.recant.ml.unlearn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.data.Example;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A model of which the last layers alone can be trained, until this is closed; the model stays the
 * caller's. Weights are of one layer when their names are the same up to the last dot; layers are
 * in the order of the model's parameters.
 */
final class LastLayers implements Model {

  private final Model whole;
  private final Parameters parameters;
  private final List<NDArray> frozen = new ArrayList<>();

  /**
   * @param layers how many, at least 1
   * @throws ConfigException when the model has fewer
   */
  LastLayers(Model whole, int layers) {
    this.whole = whole;
    Set<String> names = new LinkedHashSet<>();
    whole.parameters().forEach(parameter -> names.add(layer(parameter)));
    if (names.size() < layers) {
      throw new ConfigException(
          "layers: the model has " + names.size() + " layers, not " + layers + ": " + names);
    }
    Set<String> last = Set.copyOf(List.copyOf(names).subList(names.size() - layers, names.size()));
    List<Parameter> some = new ArrayList<>();
    for (Parameter parameter : whole.parameters()) {
      boolean freezes = parameter.trainable() && !last.contains(layer(parameter));
      if (freezes) {
        frozen.add(parameter.value());
      }
      some.add(freezes ? new Parameter(parameter.name(), parameter.value(), false) : parameter);
    }
    Autograd.untrack(frozen);
    parameters = new Parameters(some);
  }

  private static String layer(Parameter parameter) {
    return parameter.name().substring(0, Math.max(0, parameter.name().lastIndexOf('.')));
  }

  @Override
  public Device device() {
    return whole.device();
  }

  @Override
  public int vocabularySize() {
    return whole.vocabularySize();
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Batch encode(List<Example> examples, NDManager manager) {
    return whole.encode(examples, manager);
  }

  @Override
  public NDArray logits(Batch batch, Dropout dropout) {
    return whole.logits(batch, dropout);
  }

  @Override
  public long passBytes(Batch batch) {
    return whole.passBytes(batch);
  }

  @Override
  public int layers() {
    return whole.layers();
  }

  @Override
  public NDArray activations(Batch batch, int layer) {
    return whole.activations(batch, layer);
  }

  @Override
  public void save(Path directory) {
    whole.save(directory);
  }

  @Override
  public Model copy() {
    return whole.copy();
  }

  @Override
  public Model frozenCopy() {
    return whole.frozenCopy();
  }

  @Override
  public Model untrained(long seed) {
    return whole.untrained(seed);
  }

  /** All layers can be trained again. */
  @Override
  public void close() {
    Autograd.track(frozen);
  }
}
