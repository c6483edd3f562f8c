package io.recant.ml.causal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;

/**
 * The shape of a decoder, as the {@code config.json} of Hugging Face's {@code LlamaForCausalLM}
 * describes it.
 *
 * @param vocabularySize V, rows of the embedding
 * @param hiddenSize D, the width of the residual stream; a multiple of {@code heads}
 * @param intermediateSize F, the width of the gated feed-forward layer
 * @param layers number of decoder layers
 * @param heads number of query heads H; D / H is the width of a head and is even
 * @param keyValueHeads number of key and value heads; divides H, equal to H without grouping
 * @param maximumPositions the longest sequence in tokens
 * @param normEpsilon added to the mean square inside RMSNorm
 * @param ropeTheta base of the rotary wavelengths
 * @param tiedEmbeddings whether the output projection is the embedding itself
 * @param bosId token that opens every sequence
 * @param eosId token that ends every sequence
 * @param padId token that fills a batch up; never attended to, never scored
 */
public record DecoderConfig(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int maximumPositions,
    double normEpsilon,
    double ropeTheta,
    boolean tiedEmbeddings,
    int bosId,
    int eosId,
    int padId) {

  private static final String ARCHITECTURE = "LlamaForCausalLM";
  private static final ObjectMapper JSON = new ObjectMapper();

  public DecoderConfig {
    require(vocabularySize > 0, "vocab_size must be positive");
    require(layers > 0, "num_hidden_layers must be positive");
    require(intermediateSize > 0, "intermediate_size must be positive");
    require(maximumPositions > 0, "max_position_embeddings must be positive");
    require(heads > 0 && keyValueHeads > 0, "the numbers of heads must be positive");
    require(
        hiddenSize % heads == 0 && hiddenSize / heads % 2 == 0,
        "hidden_size / num_attention_heads must be a whole even number, for rotary positions");
    require(
        heads % keyValueHeads == 0, "num_key_value_heads must divide num_attention_heads evenly");
  }

  /** Width of one head. */
  public int headSize() {
    return hiddenSize / heads;
  }

  /** Query heads that share one key and value head. */
  public int groupSize() {
    return heads / keyValueHeads;
  }

  /** What {@code transformers} reads from {@code config.json}. */
  public ObjectNode toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add(ARCHITECTURE);
    json.put("model_type", "llama");
    json.put("vocab_size", vocabularySize);
    json.put("hidden_size", hiddenSize);
    json.put("intermediate_size", intermediateSize);
    json.put("num_hidden_layers", layers);
    json.put("num_attention_heads", heads);
    json.put("num_key_value_heads", keyValueHeads);
    json.put("head_dim", headSize());
    json.put("hidden_act", "silu");
    json.put("max_position_embeddings", maximumPositions);
    json.put("rms_norm_eps", normEpsilon);
    json.put("rope_theta", ropeTheta);
    json.putNull("rope_scaling");
    json.put("attention_bias", false);
    json.put("mlp_bias", false);
    json.put("tie_word_embeddings", tiedEmbeddings);
    json.put("torch_dtype", "float32");
    json.put("bos_token_id", bosId);
    json.put("eos_token_id", eosId);
    json.put("pad_token_id", padId);
    return json;
  }

  /**
   * Reads a {@code config.json}.
   *
   * @param where the file, for messages
   * @throws InputException when it is not a Llama decoder, or uses a part this family does not
   *     compute (scaled rotary positions, biases, another activation)
   */
  public static DecoderConfig fromJson(JsonNode json, String where) {
    if (!"llama".equals(json.path("model_type").asText())) {
      throw new InputException(
          where + ": model_type is " + json.path("model_type") + "; the causal-lm family is llama");
    }
    refuse(json, where, "rope_scaling", json.path("rope_scaling").isObject());
    refuse(json, where, "attention_bias", json.path("attention_bias").asBoolean());
    refuse(json, where, "mlp_bias", json.path("mlp_bias").asBoolean());
    refuse(json, where, "hidden_act", !"silu".equals(json.path("hidden_act").asText("silu")));
    try {
      int heads = integer(json, "num_attention_heads");
      DecoderConfig config =
          new DecoderConfig(
              integer(json, "vocab_size"),
              integer(json, "hidden_size"),
              integer(json, "intermediate_size"),
              integer(json, "num_hidden_layers"),
              heads,
              json.path("num_key_value_heads").asInt(heads),
              integer(json, "max_position_embeddings"),
              json.path("rms_norm_eps").asDouble(1e-6),
              json.path("rope_theta").asDouble(10_000),
              json.path("tie_word_embeddings").asBoolean(false),
              integer(json, "bos_token_id"),
              integer(json, "eos_token_id"),
              json.path("pad_token_id").asInt(integer(json, "eos_token_id")));
      int headSize = json.path("head_dim").asInt(config.headSize());
      refuse(json, where, "head_dim", headSize != config.headSize());
      return config;
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }

  private static int integer(JsonNode json, String key) {
    require(json.path(key).canConvertToInt(), key + " is missing or not a whole number");
    return json.get(key).intValue();
  }

  private static void refuse(JsonNode json, String where, String key, boolean unsupported) {
    if (unsupported) {
      throw new InputException(
          where + ": " + key + " = " + json.get(key) + " is not something causal-lm computes");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
