package io.recant.ml.causal;

import io.recant.core.config.Setting;

/** The shape of a new decoder; its vocabulary is the tokenizer's. */
public record CausalSettings(
    @Setting(value = "width of the residual stream", defaultValue = "128", min = 2) int hiddenSize,
    @Setting(value = "width of the feed-forward layers", defaultValue = "256", min = 1)
        int intermediateSize,
    @Setting(value = "number of layers", defaultValue = "2", min = 1) int layers,
    @Setting(value = "query heads; divides hidden-size", defaultValue = "4", min = 1) int heads,
    @Setting(value = "key and value heads; divides heads", defaultValue = "2", min = 1)
        int keyValueHeads,
    @Setting(value = "longest sequence in tokens, prompt and target", defaultValue = "64", min = 8)
        int maximumPositions,
    @Setting(value = "whether the output projection is the embedding", defaultValue = "true")
        boolean tiedEmbeddings) {}
