package io.recant.ml.model.classifier;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.data.Example;
import io.recant.ml.model.Batch;
import io.recant.ml.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The classes that a classifier tells its examples into: one label an example, a class name. */
public final class ClassLabels {

  private final List<String> names;
  private final Map<String, Integer> indexOf = new HashMap<>();

  /**
   * @param names in the order of the logits
   * @throws ConfigException when there are fewer than two, or two have the same name
   */
  public ClassLabels(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : names) {
      if (indexOf.put(name, indexOf.size()) != null) {
        throw new ConfigException("two classes have the same name among " + names);
      }
    }
    if (names.size() < 2) {
      throw new ConfigException("a classifier needs at least two classes, not " + names);
    }
  }

  /**
   * Reads {@code id2label}.
   *
   * @param config of a model directory, which may be anyone's
   * @throws InputException when it does not name two classes or more
   */
  public static ClassLabels read(ObjectNode config, Path directory) {
    Path file = directory.resolve(ModelDirectory.CONFIG);
    JsonNode labels = config.path("id2label");
    List<String> names = new ArrayList<>();
    for (int k = 0; k < labels.size(); k++) {
      JsonNode name = labels.path(Integer.toString(k));
      if (!name.isTextual()) {
        throw new InputException(file + ": id2label names no class " + k);
      }
      names.add(name.asText());
    }
    try {
      return new ClassLabels(names);
    } catch (ConfigException e) {
      throw new InputException(file + ": id2label: " + e.getMessage(), e);
    }
  }

  /** Writes {@code id2label} and {@code label2id}. */
  public void write(ObjectNode config) {
    ObjectNode labels = config.putObject("id2label");
    ObjectNode ids = config.putObject("label2id");
    for (int k = 0; k < names.size(); k++) {
      labels.put(Integer.toString(k), names.get(k));
      ids.put(names.get(k), k);
    }
  }

  /** The class names in the order of the logits. */
  public List<String> names() {
    return names;
  }

  /** How many classes there are. */
  public int size() {
    return names.size();
  }

  /**
   * A batch of examples with their labels and weights; an example without a target has an empty
   * mask.
   *
   * @param inputs the same examples as the model reads them
   * @param owner of the labels
   * @throws InputException when a target is no class; the message names the example
   */
  public Batch batch(NDList inputs, List<Example> examples, NDManager owner) {
    int rows = examples.size();
    long[] labels = new long[rows];
    float[] mask = new float[rows];
    float[] weights = new float[rows];
    for (int i = 0; i < rows; i++) {
      Example example = examples.get(i);
      weights[i] = example.weight();
      if (example.target() != null) {
        labels[i] = label(example);
        mask[i] = 1;
      }
    }
    return new Batch(
        inputs,
        owner.create(labels, new Shape(rows, 1)),
        owner.create(mask, new Shape(rows, 1)),
        owner.create(weights));
  }

  private int label(Example example) {
    Integer index = indexOf.get(example.target());
    if (index == null) {
      throw new InputException(
          "sample " + example.id() + ": '" + example.target() + "' is no class of this model");
    }
    return index;
  }
}
