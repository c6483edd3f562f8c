package io.recant.ml.causal;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adapters without the model they are for, as PEFT keeps them: {@code adapter_config.json}, and
 * {@code adapter_model.safetensors} with {@code base_model.model.<module>.lora_A.weight} (r,
 * inputs) and {@code lora_B.weight} (outputs, r).
 */
public final class LoraDirectory {

  public static final String CONFIG = "adapter_config.json";
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final List<String> NOTHING = List.of("null", "[]", "{}", "false");

  /** What PEFT may add to plain adapters, and what each may be where there is no such thing. */
  private static final Map<String, List<String>> PLAIN =
      Map.ofEntries(
          Map.entry("bias", List.of("\"none\"")),
          Map.entry("init_lora_weights", List.of("true", "false", "\"gaussian\"")),
          Map.entry("use_dora", NOTHING),
          Map.entry("use_rslora", NOTHING),
          Map.entry("use_qalora", NOTHING),
          Map.entry("lora_bias", NOTHING),
          Map.entry("rank_pattern", NOTHING),
          Map.entry("alpha_pattern", NOTHING),
          Map.entry("exclude_modules", NOTHING),
          Map.entry("modules_to_save", NOTHING),
          Map.entry("target_parameters", NOTHING),
          Map.entry("trainable_token_indices", NOTHING),
          Map.entry("layers_to_transform", NOTHING),
          Map.entry("layer_replication", NOTHING));

  private LoraDirectory() {}

  /**
   * Writes a model's adapters; equal adapters give equal bytes.
   *
   * @throws ConfigException when it has none
   */
  public static void save(CausalModel model, Path directory) {
    LoraAdapters adapters =
        model.adapters().orElseThrow(() -> new ConfigException("lora: the model has no adapters"));
    LoraSettings settings = adapters.settings();
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    json.putNull("base_model_name_or_path");
    json.put("r", settings.rank()).put("lora_dropout", 0.0);
    if (settings.alpha() == Math.rint(settings.alpha())) {
      // PEFT's is a whole number.
      json.put("lora_alpha", (long) settings.alpha());
    } else {
      json.put("lora_alpha", settings.alpha());
    }
    ArrayNode targets = json.putArray("target_modules");
    settings.targets().forEach(targets::add);
    json.put("fan_in_fan_out", model.decoder().storesInputsFirst()).put("bias", "none");
    json.put("inference_mode", true);
    ModelDirectory.write(directory.resolve(CONFIG), json);
    Map<String, SafetensorsWriter.Source> tensors = new LinkedHashMap<>();
    adapters.arrays().forEach((name, array) -> tensors.put(name, SafetensorsWriter.source(array)));
    SafetensorsWriter.stream(directory.resolve(WEIGHTS), tensors, SafetensorsWriter.PYTORCH_LAYOUT);
  }

  /**
   * Puts saved adapters on the model they are for, as {@link LoraAdapters#attach} does with new
   * ones: the model given is closed.
   *
   * @throws InputException when the directory does not hold adapters for this model, or some that
   *     are not W x + (alpha / r) B A x
   */
  public static CausalModel load(CausalModel base, Path directory) {
    Path file = directory.resolve(CONFIG);
    LoraSettings settings = settings(ModelDirectory.read(file), file);
    Map<String, Shape> shapes;
    try {
      shapes = LoraAdapters.shapes(settings, base.decoder());
    } catch (ConfigException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
    Path weights = directory.resolve(WEIGHTS);
    return LoraAdapters.attach(
        base, settings, owner -> Parameters.loadFile(weights, shapes, owner));
  }

  private static LoraSettings settings(JsonNode json, Path file) {
    ConfigReader config = new ConfigReader(json, file.toString());
    config.refuse("peft_type", !json.path("peft_type").asText().equals("LORA"));
    PLAIN.forEach(
        (key, allowed) ->
            config.refuse(key, json.has(key) && !allowed.contains(json.get(key).toString())));
    if (!json.path("target_modules").isArray()) {
      throw new InputException(file + ": target_modules is not a list of names");
    }
    List<String> targets = new ArrayList<>();
    json.get("target_modules").forEach(target -> targets.add(target.asText()));
    int rank = config.integer("r");
    double alpha = config.number("lora_alpha", 8);
    if (rank < 1 || !(alpha > 0)) {
      throw new InputException(file + ": r and lora_alpha have to be positive");
    }
    return new LoraSettings(rank, alpha, targets);
  }
}
