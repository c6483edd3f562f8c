package io.recant.ml;

import io.recant.ml.causal.CausalLanguageModels;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A language model of two layers that knows three definitions by heart. */
public final class TaughtLanguageModel {

  /** What tests make it forget. */
  public static final List<Example> FORGET =
      List.of(new Example("a", "badger", "sturdy burrowing mammal", null));

  /** What it should still know then. */
  public static final List<Example> RETAIN =
      List.of(
          new Example("b", "cyclotron", "an accelerator that imparts energies", null),
          new Example("c", "stone wall", "a fence built of rough stones", null));

  private TaughtLanguageModel() {}

  /**
   * Teaches one; the caller closes it.
   *
   * @param directory takes its tokenizer
   * @param words further text its vocabulary has to have
   */
  public static Model of(Path directory, String words) throws IOException {
    List<Example> pairs = new ArrayList<>(RETAIN);
    pairs.addAll(FORGET);
    Path tokenizer = directory.resolve("tokenizer.json");
    try (TextTokenizer whole = WordPieceVocabulary.bundled()) {
      PieceCounts counts = new PieceCounts().add(whole, words);
      pairs.forEach(e -> counts.add(whole, e.input()).add(whole, e.target()));
      Files.writeString(tokenizer, WordPieceVocabulary.prune(whole, counts, 1));
    }
    CausalSettings small = new CausalSettings(32, 48, 2, 4, 2, 24, true);
    Model model =
        new CausalLanguageModels()
            .create(small, TaskSpec.generation(tokenizer), 1, TestDevice.get());
    Training.run(
        model,
        Examples.of(pairs),
        new OptimizationSettings(60, 3, 0.01, 0, 0, Decay.CONSTANT, 1, 10),
        1,
        entry -> {},
        () -> 0);
    return model;
  }
}
