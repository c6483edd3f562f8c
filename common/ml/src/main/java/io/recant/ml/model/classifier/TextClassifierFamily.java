package io.recant.ml.model.classifier;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.TaskSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Classifiers over embedding vectors, one hidden layer deep. */
public final class TextClassifierFamily implements ModelFamily<TextClassifierFamily.Settings> {

  /** The shape of a new classifier. */
  public record Settings(
      @Setting(value = "hidden units", defaultValue = "256", min = 1) int hidden,
      @Setting(
              value = "share of hidden units silenced in training",
              defaultValue = "0.1",
              min = 0,
              max = 0.95)
          double dropout) {}

  @Override
  public String name() {
    return "text-classifier";
  }

  @Override
  public String summary() {
    return "A small network over embedding vectors that tells them into classes; trains in seconds"
        + " on a CPU.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean readsText() {
    return false;
  }

  @Override
  public Set<String> modelTypes() {
    return Set.of(TextClassifier.MODEL_TYPE);
  }

  @Override
  public Model create(Settings settings, TaskSpec task, long seed, Device device) {
    if (task.classes().size() < 2 || task.vectorDimension() < 1) {
      throw new ConfigException(
          "a text-classifier needs vectors and at least two classes, not "
              + task.vectorDimension()
              + " dimensions and the classes "
              + task.classes());
    }
    if (new HashSet<>(task.classes()).size() < task.classes().size()) {
      throw new ConfigException("two classes have the same name among " + task.classes());
    }
    NDManager manager = Devices.manager(device);
    Perceptron perceptron =
        Perceptron.create(
            task.vectorDimension(),
            settings.hidden(),
            task.classes().size(),
            settings.dropout(),
            seed,
            manager);
    return new TextClassifier(manager, perceptron, task.classes());
  }

  @Override
  public Model load(Path directory, Device device) {
    ObjectNode config = ModelDirectory.config(directory);
    List<String> classes = classes(config, directory);
    NDManager manager = Devices.manager(device);
    try {
      Parameters parameters =
          Parameters.load(
              directory,
              Perceptron.shapes(
                  positive(config, "vector_size", directory),
                  positive(config, "hidden_size", directory),
                  classes.size()),
              manager);
      double dropout = config.path("classifier_dropout").asDouble(0);
      return new TextClassifier(manager, new Perceptron(parameters, dropout), classes);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static List<String> classes(ObjectNode config, Path directory) {
    JsonNode names = config.path("id2label");
    List<String> classes = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      JsonNode name = names.path(Integer.toString(k));
      if (!name.isTextual()) {
        throw new InputException(
            directory.resolve(ModelDirectory.CONFIG) + ": id2label names no class " + k);
      }
      classes.add(name.asText());
    }
    if (classes.size() < 2) {
      throw new InputException(
          directory.resolve(ModelDirectory.CONFIG) + ": id2label names fewer than two classes");
    }
    return classes;
  }

  private static int positive(ObjectNode config, String key, Path directory) {
    JsonNode value = config.path(key);
    if (!value.canConvertToInt() || value.intValue() < 1) {
      throw new InputException(
          directory.resolve(ModelDirectory.CONFIG) + ": " + key + " is " + value + ", not above 0");
    }
    return value.intValue();
  }
}
