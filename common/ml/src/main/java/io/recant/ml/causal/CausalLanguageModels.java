package io.recant.ml.causal;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Decoders: small ones in the Llama layout made here, others as {@code transformers} saved them
 * ({@link Architecture}).
 */
public final class CausalLanguageModels implements ModelFamily<CausalSettings> {

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
  public boolean readsText() {
    return true;
  }

  @Override
  public Set<String> modelTypes() {
    return Architecture.modelTypes();
  }

  /**
   * Norms start at one. Matrices are drawn from normal distributions of deviation 1/sqrt(inputs);
   * those that write into the residual stream have it divided by sqrt(2 layers) (Radford et al.
   * 2019). The embedding's is 2/sqrt(width), so that first logits vary by about 2. The usual 0.02
   * is meant for widths near 1,000: at a width of 128 a model starts all but silent, and takes
   * twice the steps to learn the same texts.
   */
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
          Devices.manager(device),
          manager -> random(config, seed, manager));
    }
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
      return new CausalModel(
          config,
          json,
          tokenizer.json(),
          Devices.manager(device),
          manager ->
              Parameters.load(
                  directory, decoder.shapes(), decoder::stored, decoder::isRedundant, manager));
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

  private static Parameters random(LlamaConfig config, long seed, NDManager manager) {
    Random random = new Random(seed);
    List<Parameter> parameters = new ArrayList<>();
    config
        .decoder()
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[Math.toIntExact(shape.size())];
              if (shape.dimension() == 1) {
                Arrays.fill(values, 1);
              } else {
                double deviation = deviation(config, name, shape);
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) (deviation * random.nextGaussian());
                }
              }
              parameters.add(new Parameter(name, manager.create(values, shape), true));
            });
    return new Parameters(parameters);
  }

  private static double deviation(LlamaConfig config, String name, Shape shape) {
    double unit = 1 / Math.sqrt(shape.get(1));
    if (name.equals(LlamaDecoder.EMBEDDING)) {
      return 2 * unit;
    }
    return LlamaDecoder.writesResidual(name) ? unit / Math.sqrt(2.0 * config.layers()) : unit;
  }
}
