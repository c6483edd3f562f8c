package io.recant.jobs.bench;

import ai.djl.Device;
import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.Generation;
import io.recant.ml.causal.GenerationSettings;
import io.recant.ml.causal.Llama2cCheckpoint;
import io.recant.ml.model.ModelDirectory;
import java.nio.file.Path;
import java.util.List;

/**
 * A language model that others trained on stories, brought over from llama2.c's format: what it
 * says, how fast with the cache of keys and values and without, and how it forgets stories that it
 * tells by itself. On one core of a processor.
 */
public final class LanguageModelBenchmark implements Benchmark<LanguageModelBenchmark.Settings> {

  private static final String OPENING = "Once upon a time";

  /** Settings of {@code language-model}. */
  public record Settings(
      @Setting(value = "Weights of llama2.c in --data", defaultValue = "stories260K.bin")
          String checkpoint,
      @Setting(value = "Its tokenizer, of the same format", defaultValue = "tok512.bin")
          String tokenizer,
      @Setting(
              value = "Speed is measured on texts of so many tokens",
              defaultValue = "[100, 200, 400]")
          List<Integer> lengths,
      @Setting(value = "Stories to forget, and as many to retain", defaultValue = "24", min = 1)
          int stories,
      @Setting(value = "Tokens of a story's opening, which is drawn", defaultValue = "32", min = 8)
          int openingTokens,
      @Setting(value = "Tokens the model says after it", defaultValue = "64", min = 1)
          int storyTokens,
      @Setting(
              value = "What forgets; settings beside the name",
              defaultValue =
                  "[{name: npo, training: {epochs: 10, batch_size: 8, learning_rate: 0.0005,"
                      + " weight_decay: 0, decay: constant}}, {name: gradient-difference, training:"
                      + " {epochs: 10, batch_size: 8, learning_rate: 0.0002, weight_decay: 0}}]")
          List<Strategy> methods) {}

  @Override
  public String name() {
    return "language-model";
  }

  @Override
  public String summary() {
    return "A small language model of llama2.c: its text, its speed, and how it forgets stories.";
  }

  @Override
  public String source() {
    return "Karpathy, llama2.c, 2023; TinyStories: Eldan and Li, 2023";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    Path directory = context.scratch().resolve("model");
    Llama2cCheckpoint.convert(
        context.data().resolve(settings.checkpoint()),
        context.data().resolve(settings.tokenizer()),
        directory);
    try (CausalModel model = (CausalModel) ModelDirectory.load(directory, Device.cpu())) {
      GenerationSettings greedy = GenerationSettings.greedy(200);
      context.note(OPENING + new Generation(model, greedy).continuations(List.of(OPENING)).get(0));
      GenerationSpeed.measure(model, OPENING, settings.lengths(), context);
      ToldStories.forget(model, settings, context);
    }
  }
}
