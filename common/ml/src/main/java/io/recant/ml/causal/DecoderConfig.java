package io.recant.ml.causal;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The shape of a decoder, as {@code config.json} describes it. */
public sealed interface DecoderConfig permits LlamaConfig, Gpt2Config {

  /** V, rows of the embedding. */
  int vocabularySize();

  /** D, the width of the residual stream. */
  int hiddenSize();

  /** F, the width of the feed-forward layers. */
  int intermediateSize();

  /** K, the number of layers. */
  int layers();

  /** H, the number of query heads. */
  int heads();

  /** The longest sequence in tokens. */
  int maximumPositions();

  /** The token that opens every sequence; {@link #NO_TOKEN} where sequences are not opened. */
  int bosId();

  /** The token that ends every sequence. */
  int eosId();

  /** The token that fills a batch up; never attended to, never scored. */
  int padId();

  /** What {@code transformers} reads from {@code config.json}. */
  ObjectNode toJson();

  /** The forward pass. */
  Decoder decoder();

  /** No token has this id. */
  int NO_TOKEN = -1;
}
