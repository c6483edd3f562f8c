package io.recant.ml.model.classifier;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Modality;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.TaskSpec;
import java.nio.file.Path;
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
  public Modality modality() {
    return Modality.VECTOR;
  }

  @Override
  public Set<String> modelTypes() {
    return Set.of(TextClassifier.MODEL_TYPE);
  }

  @Override
  public Model create(Settings settings, TaskSpec task, long seed, Device device) {
    if (task.vectorDimension() < 1) {
      throw new ConfigException(
          "a text-classifier needs vectors, not ones of " + task.vectorDimension() + " dimensions");
    }
    ClassLabels classes = new ClassLabels(task.classes());
    NDManager manager = Devices.manager(device);
    Perceptron perceptron =
        Perceptron.create(
            task.vectorDimension(),
            settings.hidden(),
            classes.size(),
            settings.dropout(),
            seed,
            manager);
    return new TextClassifier(manager, perceptron, classes);
  }

  @Override
  public Model load(Path directory, Device device) {
    ObjectNode config = ModelDirectory.config(directory);
    ClassLabels classes = ClassLabels.read(config, directory);
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

  private static int positive(ObjectNode config, String key, Path directory) {
    JsonNode value = config.path(key);
    if (!value.canConvertToInt() || value.intValue() < 1) {
      throw new InputException(
          directory.resolve(ModelDirectory.CONFIG) + ": " + key + " is " + value + ", not above 0");
    }
    return value.intValue();
  }
}
