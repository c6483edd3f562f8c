package io.recant.ml.model.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.ml.data.ImageShape;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.classifier.ClassLabels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What an image classifier is beside its arrays: its {@code config.json}.
 *
 * @param architecture which network
 * @param width channels of its first convolution
 * @param image the size of the pictures, each side from 8 to {@value #MOST_SIDE} pixels
 * @param scaling what pixels become
 * @param classes in the order of the logits
 * @param augmentation of training passes
 * @param dropout the share of the head's inputs silenced in training
 */
record ImageConfig(
    Architecture architecture,
    int width,
    ImageShape image,
    PixelScaling scaling,
    ClassLabels classes,
    Augmentation augmentation,
    double dropout) {

  static final String MODEL_TYPE = "recant-image-classifier";

  /** Classifiers read small pictures; a batch of larger ones fits no memory. */
  static final int MOST_SIDE = 1024;

  /** Whether every architecture can read such pictures. */
  static boolean isReadable(ImageShape image) {
    int least = Math.min(image.height(), image.width());
    int most = Math.max(image.height(), image.width());
    return least >= Architecture.LEAST_SIDE && most <= MOST_SIDE;
  }

  Network network() {
    return architecture.network(image, width, classes.size());
  }

  /** As it is written. */
  ObjectNode json() {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.putArray("architectures").add("ImageClassifier");
    config.put("model_type", MODEL_TYPE);
    config.put("network", architecture.name().toLowerCase(Locale.ROOT));
    config.put("width", width);
    config.putArray("image_size").add(image.height()).add(image.width());
    config.put("num_channels", image.channels());
    putAll(config.putArray("image_mean"), scaling.mean());
    putAll(config.putArray("image_std"), scaling.deviation());
    config.put("augmentation", augmentation.name().toLowerCase(Locale.ROOT));
    config.put("classifier_dropout", dropout);
    classes.write(config);
    return config;
  }

  private static void putAll(ArrayNode array, List<Float> values) {
    values.forEach(array::add);
  }

  /**
   * As it was written, perhaps by somebody else.
   *
   * @throws InputException when something is missing or is none of its values
   */
  static ImageConfig read(Path directory) {
    ObjectNode config = ModelDirectory.config(directory);
    Path file = directory.resolve(ModelDirectory.CONFIG);
    ImageShape image = image(config, file);
    return new ImageConfig(
        choice(Architecture.class, config, "network", file),
        whole(config.path("width"), 1, Integer.MAX_VALUE, "width", file),
        image,
        new PixelScaling(
            perChannel(config, "image_mean", image, -Float.MAX_VALUE, file),
            perChannel(config, "image_std", image, Float.MIN_NORMAL, file)),
        ClassLabels.read(config, directory),
        choice(Augmentation.class, config, "augmentation", file),
        dropout(config, file));
  }

  private static ImageShape image(ObjectNode config, Path file) {
    JsonNode size = config.path("image_size");
    int least = Architecture.LEAST_SIDE;
    int height = whole(size.path(0), least, MOST_SIDE, "image_size", file);
    int width = whole(size.path(1), least, MOST_SIDE, "image_size", file);
    int channels = whole(config.path("num_channels"), 1, 3, "num_channels", file);
    if (channels == 2) {
      throw new InputException(file + ": num_channels is 2, neither 1 nor 3");
    }
    return new ImageShape(height, width, channels);
  }

  private static int whole(JsonNode value, int least, int most, String key, Path file) {
    if (!value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
      throw new InputException(
          file + ": " + key + " is " + value + ", no whole number from " + least + " to " + most);
    }
    return value.intValue();
  }

  private static List<Float> perChannel(
      ObjectNode config, String key, ImageShape image, float least, Path file) {
    List<Float> values = new ArrayList<>();
    for (int c = 0; c < image.channels(); c++) {
      JsonNode value = config.path(key).path(c);
      float number = value.isNumber() ? value.floatValue() : Float.NaN;
      if (!(number >= least && number <= Float.MAX_VALUE)) {
        throw new InputException(file + ": " + key + " of channel " + c + " is " + value);
      }
      values.add(number);
    }
    return values;
  }

  private static double dropout(ObjectNode config, Path file) {
    double dropout = config.path("classifier_dropout").asDouble(0);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new InputException(file + ": classifier_dropout is " + dropout + ", not in [0, 1)");
    }
    return dropout;
  }

  private static <E extends Enum<E>> E choice(
      Class<E> values, ObjectNode config, String key, Path file) {
    String text = config.path(key).asText();
    for (E value : values.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new InputException(
        file
            + ": "
            + key
            + " '"
            + text
            + "' is none of "
            + Arrays.toString(values.getEnumConstants()).toLowerCase(Locale.ROOT));
  }
}
