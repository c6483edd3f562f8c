package io.recant.ml.causal;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The decoders that are known, by the {@code model_type} and the class name that {@code
 * transformers} has for them.
 */
enum Architecture {
  /** Touvron et al. 2023; Llama 3: Grattafiori et al. 2024. */
  LLAMA("llama", "LlamaForCausalLM", LlamaConfig::llama),
  /** Jiang et al. 2023: Llama that may look back over a window only. */
  MISTRAL("mistral", "MistralForCausalLM", LlamaConfig::mistral),
  /** Yang et al. 2024, and Qwen2.5: Llama with biases at queries, keys and values. */
  QWEN2("qwen2", "Qwen2ForCausalLM", LlamaConfig::qwen2),
  /** Yang et al. 2025: Llama whose queries and keys are normalised head by head. */
  QWEN3("qwen3", "Qwen3ForCausalLM", LlamaConfig::qwen3),
  /** Radford et al. 2019. */
  GPT2("gpt2", "GPT2LMHeadModel", Gpt2Config::read);

  private final String modelType;
  private final String className;
  private final Function<ConfigReader, DecoderConfig> reader;

  Architecture(String modelType, String className, Function<ConfigReader, DecoderConfig> reader) {
    this.modelType = modelType;
    this.className = className;
    this.reader = reader;
  }

  String modelType() {
    return modelType;
  }

  String className() {
    return className;
  }

  static Set<String> modelTypes() {
    return Arrays.stream(values())
        .map(Architecture::modelType)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Reads a {@code config.json}.
   *
   * @param where the file, for messages
   * @throws InputException when the architecture is none of these, or uses a part that is not
   *     computed here
   */
  static DecoderConfig read(JsonNode json, String where) {
    String type = json.path("model_type").asText();
    for (Architecture architecture : values()) {
      if (architecture.modelType.equals(type)) {
        try {
          return architecture.reader.apply(new ConfigReader(json, where));
        } catch (IllegalArgumentException e) {
          throw new InputException(where + ": " + e.getMessage(), e);
        }
      }
    }
    throw new InputException(
        where + ": model_type '" + type + "' is not known; causal-lm knows " + modelTypes());
  }
}
