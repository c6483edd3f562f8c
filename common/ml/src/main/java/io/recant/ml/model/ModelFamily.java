package io.recant.ml.model;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.registry.Extension;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of model: how to make one, and how to read one from a model directory.
 *
 * @param <S> the settings that give a new model its shape
 */
public interface ModelFamily<S extends Record> extends Extension<S> {

  /** The values of {@code model_type} in {@code config.json} that this family reads. */
  Set<String> modelTypes();

  /** What of an example its models read. */
  Modality modality();

  /**
   * A new model with random parameters; equal seeds give equal parameters.
   *
   * @throws io.recant.core.error.ConfigException when the task lacks what this family needs
   */
  Model create(S settings, TaskSpec task, long seed, Device device);

  /**
   * What a saved model will take of memory; empty where that is too little to ask about.
   *
   * @param config its {@code config.json}
   * @param where what to call it in an error
   * @throws io.recant.core.error.InputException when it is none of this family
   */
  default Optional<ModelSize> size(ObjectNode config, String where) {
    return Optional.empty();
  }

  /**
   * A model as it was saved, here or by Hugging Face's libraries.
   *
   * @throws io.recant.core.error.InputException when a file is missing or its tensors are not those
   *     the configuration promises
   */
  Model load(Path directory, Device device);
}
