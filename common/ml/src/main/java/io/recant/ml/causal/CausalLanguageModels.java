package io.recant.ml.causal;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Modality;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.ModelSize;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.safetensors.SafetensorsCheckpoint;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Decoders: small ones in the Llama layout made here, others as {@code transformers} saved them
 * ({@link Architecture}).
 */
public final class CausalLanguageModels implements ModelFamily<CausalSettings> {

  /** What {@link #size} is told of: most training examples are no longer. */
  private static final int USUAL_TOKENS = 512;

  @Override
  public String name() {
    return "causal-lm";
  }

  @Override
  public String summary() {
    return "A decoder that continues a prompt with its target; for definitions, answers, code.";
  }

  @Override
  public String source() {
    return "Touvron et al., LLaMA, 2023";
  }

  @Override
  public Class<CausalSettings> settings() {
    return CausalSettings.class;
  }

  @Override
  public Modality modality() {
    return Modality.TEXT;
  }

  @Override
  public Set<String> modelTypes() {
    return Architecture.modelTypes();
  }

  /** {@inheritDoc} {@link RandomParameters} says how they are drawn. */
  @Override
  public Model create(CausalSettings settings, TaskSpec task, long seed, Device device) {
    Path file =
        task.tokenizer()
            .orElseThrow(
                () -> new ConfigException("causal-lm reads text: its task needs a tokenizer"));
    try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
      LlamaConfig config = config(settings, tokenizer, file);
      return new CausalModel(
          config,
          config.toJson(),
          tokenizer.json(),
          CompanionFiles.NONE,
          Devices.manager(device),
          manager -> RandomParameters.draw(config.decoder(), seed, manager));
    }
  }

  /** {@inheritDoc} Of an example of 512 tokens, or as the context is where that is shorter. */
  @Override
  public Optional<ModelSize> size(ObjectNode json, String where) {
    DecoderConfig config = Architecture.read(json, where);
    long parameters =
        config.decoder().shapes().values().stream().mapToLong(shape -> shape.size()).sum();
    int tokens = Math.min(USUAL_TOKENS, config.maximumPositions());
    return Optional.of(
        new ModelSize(parameters, tokens, CausalModel.passBytes(config, 1, tokens, tokens)));
  }

  @Override
  public Model load(Path directory, Device device) {
    ObjectNode json = ModelDirectory.config(directory);
    DecoderConfig config =
        Architecture.read(json, directory.resolve(ModelDirectory.CONFIG).toString());
    Decoder decoder = config.decoder();
    try (TextTokenizer tokenizer =
        TextTokenizer.load(directory.resolve(ModelDirectory.TOKENIZER))) {
      if (tokenizer.vocabularySize() > config.vocabularySize()) {
        throw new InputException(
            directory
                + ": the tokenizer has "
                + tokenizer.vocabularySize()
                + " tokens, the model "
                + config.vocabularySize());
      }
      checkLayers(config, directory);
      return new CausalModel(
          config,
          json,
          tokenizer.json(),
          CompanionFiles.read(directory),
          Devices.manager(device),
          manager ->
              Parameters.load(
                  directory, decoder.shapes(), decoder::stored, decoder::isRedundant, manager));
    }
  }

  /** Names are made for the tensors of every layer before one is looked for. */
  private static void checkLayers(DecoderConfig config, Path directory) {
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(directory)) {
      int tensors = checkpoint.tensors().size();
      if (config.layers() > tensors) {
        throw new InputException(
            "%s: there are to be %d layers, and the weights are %d tensors"
                .formatted(directory.resolve(ModelDirectory.CONFIG), config.layers(), tensors));
      }
    }
  }

  private static LlamaConfig config(CausalSettings settings, TextTokenizer tokenizer, Path file) {
    try {
      return LlamaConfig.plain(
          tokenizer.vocabularySize(),
          settings,
          special(tokenizer, WordPieceVocabulary.BEGIN, file),
          special(tokenizer, WordPieceVocabulary.END, file),
          special(tokenizer, WordPieceVocabulary.PAD, file));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("causal-lm: " + e.getMessage());
    }
  }

  private static int special(TextTokenizer tokenizer, String token, Path file) {
    return tokenizer
        .id(token)
        .orElseThrow(
            () ->
                new ConfigException(
                    file + ": a new causal-lm needs the token " + token + " in its vocabulary"));
  }
}
