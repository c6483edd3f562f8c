package io.recant.ml.causal;

import io.recant.core.config.Setting;
import java.util.List;

/** Low-rank adapters: how large they are, how much they count, and what they are put on. */
public record LoraSettings(
    @Setting(value = "rank of what is added to a matrix", defaultValue = "8", min = 1) int rank,
    @Setting(
            value = "what is added is scaled by this over the rank",
            defaultValue = "16",
            min = 1e-12)
        double alpha,
    @Setting(
            value = "projections by the last part of their name, such as q_proj or c_attn",
            defaultValue = "[q_proj, v_proj]")
        List<String> targets) {

  public LoraSettings {
    targets = List.copyOf(targets);
  }

  /** What is added is multiplied by this. */
  double scale() {
    return alpha / rank;
  }
}
