package io.recant.ml.causal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The shape of a decoder in the Llama layout and its descendants.
 *
 * @param architecture which of them
 * @param vocabularySize V, rows of the embedding
 * @param hiddenSize D, the width of the residual stream
 * @param intermediateSize F, the width of the gated feed-forward layer
 * @param layers number of decoder layers
 * @param heads number of query heads H
 * @param keyValueHeads number of key and value heads; divides H, equal to H without grouping
 * @param headSize d, the width of a head; even
 * @param maximumPositions the longest sequence in tokens
 * @param normEpsilon added to the mean square inside RMSNorm
 * @param rotary how heads turn with positions
 * @param inputBias whether queries, keys and values have a bias
 * @param outputBias whether the attention's output has one
 * @param feedForwardBias whether the feed-forward layer has them
 * @param headNorms whether queries and keys are normalised head by head
 * @param window how many tokens a token sees, itself among them; 0 for all before it
 * @param tiedEmbeddings whether the output projection is the embedding itself
 * @param bosId token that opens every sequence, or {@link #NO_TOKEN}
 * @param eosId token that ends every sequence
 * @param padId token that fills a batch up
 */
record LlamaConfig(
    Architecture architecture,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int maximumPositions,
    double normEpsilon,
    RotaryPositions rotary,
    boolean inputBias,
    boolean outputBias,
    boolean feedForwardBias,
    boolean headNorms,
    int window,
    boolean tiedEmbeddings,
    int bosId,
    int eosId,
    int padId)
    implements DecoderConfig {

  private static final double NORM_EPSILON = 1e-5;
  private static final double ROPE_THETA = 10_000;

  LlamaConfig {
    require(vocabularySize > 0, "vocab_size must be positive");
    require(layers > 0, "num_hidden_layers must be positive");
    require(intermediateSize > 0, "intermediate_size must be positive");
    require(maximumPositions > 0, "max_position_embeddings must be positive");
    require(heads > 0 && keyValueHeads > 0, "the numbers of heads must be positive");
    require(
        headSize > 0 && headSize % 2 == 0,
        "hidden_size / num_attention_heads must be a whole even number, for rotary positions");
    require(
        heads % keyValueHeads == 0, "num_key_value_heads must divide num_attention_heads evenly");
  }

  /** A small Llama of one's own, with the usual constants. */
  static LlamaConfig plain(
      int vocabularySize, CausalSettings settings, int bosId, int eosId, int padId) {
    int heads = settings.heads();
    require(
        heads > 0 && settings.hiddenSize() % heads == 0,
        "hidden_size / num_attention_heads must be a whole even number, for rotary positions");
    return new LlamaConfig(
        Architecture.LLAMA,
        vocabularySize,
        settings.hiddenSize(),
        settings.intermediateSize(),
        settings.layers(),
        heads,
        settings.keyValueHeads(),
        settings.hiddenSize() / heads,
        settings.maximumPositions(),
        NORM_EPSILON,
        RotaryPositions.plain(ROPE_THETA),
        false,
        false,
        false,
        false,
        0,
        settings.tiedEmbeddings(),
        bosId,
        eosId,
        padId);
  }

  static LlamaConfig llama(ConfigReader config) {
    boolean bias = config.flag("attention_bias", false);
    return read(Architecture.LLAMA, config, bias, bias, config.flag("mlp_bias", false), false, 0);
  }

  static LlamaConfig mistral(ConfigReader config) {
    return read(
        Architecture.MISTRAL,
        config,
        false,
        false,
        false,
        false,
        config.at("sliding_window").asInt(0));
  }

  static LlamaConfig qwen2(ConfigReader config) {
    config.refuse("use_sliding_window", config.flag("use_sliding_window", false));
    return read(Architecture.QWEN2, config, true, false, false, false, 0);
  }

  static LlamaConfig qwen3(ConfigReader config) {
    config.refuse("use_sliding_window", config.flag("use_sliding_window", false));
    boolean bias = config.flag("attention_bias", false);
    return read(Architecture.QWEN3, config, bias, bias, false, true, 0);
  }

  private static LlamaConfig read(
      Architecture architecture,
      ConfigReader config,
      boolean inputBias,
      boolean outputBias,
      boolean feedForwardBias,
      boolean headNorms,
      int window) {
    config.refuse("hidden_act", !"silu".equals(config.at("hidden_act").asText("silu")));
    config.refuse("partial_rotary_factor", config.number("partial_rotary_factor", 1) != 1);
    int width = config.integer("hidden_size");
    int heads = config.integer("num_attention_heads");
    require(heads > 0, "num_attention_heads must be positive");
    require(
        config.integer("head_dim", 0) > 0 || width % heads == 0,
        "num_attention_heads must divide hidden_size evenly");
    int eos = config.token("eos_token_id");
    return new LlamaConfig(
        architecture,
        config.integer("vocab_size"),
        width,
        config.integer("intermediate_size"),
        config.integer("num_hidden_layers"),
        heads,
        config.integer("num_key_value_heads", heads),
        config.integer("head_dim", width / heads),
        config.integer("max_position_embeddings"),
        config.number("rms_norm_eps", 1e-6),
        RotaryPositions.read(config),
        inputBias,
        outputBias,
        feedForwardBias,
        headNorms,
        window,
        config.flag("tie_word_embeddings", false),
        config.token("bos_token_id", NO_TOKEN),
        eos,
        config.token("pad_token_id", eos));
  }

  /** Query heads that share one key and value head. */
  public int groupSize() {
    return heads / keyValueHeads;
  }

  @Override
  public Decoder decoder() {
    return new LlamaDecoder(this);
  }

  @Override
  public ObjectNode toJson() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.putArray("architectures").add(architecture.className());
    json.put("model_type", architecture.modelType());
    json.put("vocab_size", vocabularySize);
    json.put("hidden_size", hiddenSize);
    json.put("intermediate_size", intermediateSize);
    json.put("num_hidden_layers", layers);
    json.put("num_attention_heads", heads);
    json.put("num_key_value_heads", keyValueHeads);
    json.put("head_dim", headSize);
    json.put("hidden_act", "silu");
    json.put("max_position_embeddings", maximumPositions);
    json.put("rms_norm_eps", normEpsilon);
    rotary.write(json);
    json.put("attention_bias", outputBias);
    json.put("mlp_bias", feedForwardBias);
    json.put("tie_word_embeddings", tiedEmbeddings);
    json.put("torch_dtype", "float32");
    json.put("bos_token_id", bosId);
    json.put("eos_token_id", eosId);
    json.put("pad_token_id", padId);
    return json;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
