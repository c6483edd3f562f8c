package io.recant.ml.model;

import ai.djl.Device;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.registry.Registry;
import io.recant.ml.files.BoundedFile;
import io.recant.ml.safetensors.SafetensorsCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The files of a model on a local disk, named as Hugging Face names them. */
public final class ModelDirectory {

  public static final String CONFIG = "config.json";
  public static final String WEIGHTS = SafetensorsCheckpoint.WHOLE;
  public static final String TOKENIZER = "tokenizer.json";

  /** Room for the names of a million classes. */
  private static final int MOST_BYTES = 64 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelDirectory() {}

  /**
   * Loads whatever model a directory holds, by the family that reads its {@code model_type}.
   *
   * @throws InputException when no family does, or a file is missing or wrong
   */
  public static Model load(Path directory, Device device) {
    String type = config(directory).path("model_type").asText();
    Registry<ModelFamily<?>> families = Registry.load(ModelFamily.class, "model family");
    Set<String> known = new TreeSet<>();
    for (ModelFamily<?> family : families.all()) {
      if (family.modelTypes().contains(type)) {
        return family.load(directory, device);
      }
      known.addAll(family.modelTypes());
    }
    throw new InputException(
        directory.resolve(CONFIG) + ": model_type '" + type + "' is none of " + known);
  }

  /**
   * Reads {@code config.json}.
   *
   * @throws InputException when there is none, or it is no JSON object
   */
  public static ObjectNode config(Path directory) {
    return read(directory.resolve(CONFIG));
  }

  /**
   * Reads a file of settings that lies with a model.
   *
   * @throws InputException when there is none, or it is no JSON object
   */
  public static ObjectNode read(Path file) {
    try {
      JsonNode node = JSON.readTree(BoundedFile.text(file, MOST_BYTES));
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw new InputException(file + ": not a JSON object");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read as a model configuration", e);
    }
  }

  /** Writes {@code config.json}, making the directory; equal configurations give equal bytes. */
  public static void writeConfig(Path directory, ObjectNode config) {
    write(directory.resolve(CONFIG), config);
  }

  /** Writes a file of settings that lies with a model, making its directory. */
  public static void write(Path file, ObjectNode settings) {
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(
          file, JSON.writer(printer).writeValueAsString(settings) + "\n", StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new StepException("cannot write " + file, e);
    }
  }
}
