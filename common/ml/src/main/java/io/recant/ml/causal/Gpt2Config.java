package io.recant.ml.causal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The shape of a GPT-2 decoder.
 *
 * @param vocabularySize V, rows of the embedding
 * @param hiddenSize D, the width of the residual stream
 * @param intermediateSize F, the width of the feed-forward layer
 * @param layers number of decoder layers
 * @param heads number of heads; divides D
 * @param maximumPositions rows of the table of positions: the longest sequence in tokens
 * @param normEpsilon added to the variance inside LayerNorm
 * @param tiedEmbeddings whether the output projection is the embedding itself
 * @param bosId token that opens every sequence
 * @param eosId token that ends every sequence
 * @param padId token that fills a batch up
 */
record Gpt2Config(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int maximumPositions,
    double normEpsilon,
    boolean tiedEmbeddings,
    int bosId,
    int eosId,
    int padId)
    implements DecoderConfig {

  Gpt2Config {
    if (vocabularySize < 1 || layers < 1 || intermediateSize < 1 || maximumPositions < 1) {
      throw new IllegalArgumentException(
          "vocab_size, n_layer, n_inner and n_positions must be positive");
    }
    if (heads < 1 || hiddenSize % heads != 0) {
      throw new IllegalArgumentException("n_head must divide n_embd evenly");
    }
  }

  static Gpt2Config read(ConfigReader config) {
    String activation = config.at("activation_function").asText("gelu_new");
    config.refuse("activation_function", !activation.equals("gelu_new"));
    config.refuse("scale_attn_weights", !config.flag("scale_attn_weights", true));
    config.refuse(
        "scale_attn_by_inverse_layer_idx", config.flag("scale_attn_by_inverse_layer_idx", false));
    config.refuse("add_cross_attention", config.flag("add_cross_attention", false));
    int width = config.integer("n_embd");
    int eos = config.token("eos_token_id");
    return new Gpt2Config(
        config.integer("vocab_size"),
        width,
        config.integer("n_inner", 4 * width),
        config.integer("n_layer"),
        config.integer("n_head"),
        config.integer("n_positions"),
        config.number("layer_norm_epsilon", 1e-5),
        config.flag("tie_word_embeddings", true),
        config.token("bos_token_id", eos),
        eos,
        config.token("pad_token_id", eos));
  }

  @Override
  public Decoder decoder() {
    return new Gpt2Decoder(this);
  }

  @Override
  public ObjectNode toJson() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.putArray("architectures").add(Architecture.GPT2.className());
    json.put("model_type", Architecture.GPT2.modelType());
    json.put("vocab_size", vocabularySize);
    json.put("n_embd", hiddenSize);
    json.put("n_inner", intermediateSize);
    json.put("n_layer", layers);
    json.put("n_head", heads);
    json.put("n_positions", maximumPositions);
    json.put("activation_function", "gelu_new");
    json.put("layer_norm_epsilon", normEpsilon);
    json.put("tie_word_embeddings", tiedEmbeddings);
    json.put("torch_dtype", "float32");
    json.put("bos_token_id", bosId);
    json.put("eos_token_id", eosId);
    json.put("pad_token_id", padId);
    return json;
  }
}
