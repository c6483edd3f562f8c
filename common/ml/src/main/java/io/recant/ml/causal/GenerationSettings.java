package io.recant.ml.causal;

import io.recant.core.config.Setting;

/** How a model continues a prompt: how long, and how its next token is chosen. */
public record GenerationSettings(
    @Setting(
            value = "longest answer in tokens; the model's positions bound it too",
            defaultValue = "64",
            min = 1)
        int maximumTokens,
    @Setting(
            value = "what logits are divided by before a token is drawn; 0 takes the most likely",
            defaultValue = "0",
            min = 0)
        double temperature,
    @Setting(
            value = "draws among so many most likely tokens; 0 for all",
            defaultValue = "0",
            min = 0)
        int topK,
    @Setting(
            value = "draws among the fewest most likely tokens that have this probability together",
            defaultValue = "1",
            min = 1e-9,
            max = 1)
        double topP,
    @Setting(value = "prompts that are continued together", defaultValue = "16", min = 1)
        int batchSize,
    @Setting(value = "seed of what is drawn", defaultValue = "0") long seed) {

  public GenerationSettings {
    if (maximumTokens < 1 || batchSize < 1 || topK < 0) {
      throw new IllegalArgumentException("an answer and a batch have at least one token");
    }
    if (!(temperature >= 0) || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("temperature is at least 0, top-p above 0 and at most 1");
    }
  }

  /** Always the most likely token. */
  public static GenerationSettings greedy(int maximumTokens) {
    return new GenerationSettings(maximumTokens, 0, 0, 1, 16, 0);
  }
}
