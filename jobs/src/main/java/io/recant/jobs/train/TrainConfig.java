package io.recant.jobs.train;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.jobs.cells.CellSettings;
import io.recant.ml.train.OptimizationSettings;
import io.recant.spark.grid.DeviceChoice;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The {@code train} section. */
public record TrainConfig(
    @Setting("The models to train, each in several variants") List<ModelPlan> models,
    @Setting(
            value =
                "What cells run on: auto (a GPU of their own where Spark has one to assign, else the CPU), cpu, or gpu"
                    + " (fails where there is none)",
            defaultValue = "auto")
        DeviceChoice device,
    @Setting(value = "How cells use their machine: memory, save_seconds", defaultValue = "{}")
        CellSettings cells) {

  /** What a variant of a model is trained on. */
  public enum Variant {
    /** Every train row as it came, bad ones included. */
    VICTIM,
    /**
     * Every train row but the truly bad ones, where the truth is known: the judge of unlearning.
     */
    ORACLE,
    /** Every train row but the forget set: what exact unlearning would give. */
    RETRAINED;

    /** What its rows are called. */
    String method() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One model. */
  public record ModelPlan(
      @Setting("Name of the model in every table") String model,
      @Setting("The corpus it is trained on") String corpus,
      @Setting("The model family with its shape; see 'recant list families'") Strategy family,
      @Setting(
              value = "How it is trained: epochs, batch_size, learning_rate, ...",
              defaultValue = "{}")
          OptimizationSettings training,
      @Setting(
              value =
                  "Where given, a base model is trained first on the samples as they were before any damage, and every"
                      + " variant continues it; where nothing was injected, the damage is the forget set",
              defaultValue = "null")
          Optional<OptimizationSettings> pretraining,
      @Setting(
              value =
                  "Splits that the base model learns beside train: what it is to know and is not shown again",
              defaultValue = "[]")
          List<String> pretrainingSplits,
      @Setting(
              value = "What to train: victim, oracle, retrained",
              defaultValue = "[victim, oracle, retrained]")
          List<Variant> variants,
      @Setting(value = "One model is trained for each seed", defaultValue = "[0]") List<Long> seeds,
      @Setting(
              value =
                  "Model directories of your own by variant, as in {victim: models/mine}: they are copied, not"
                      + " trained; '{seed}' in a path stands for the seed",
              defaultValue = "{}")
          Map<String, String> given,
      @Setting(
              value =
                  "A model directory that training begins with, in place of a new model of that family; without"
                      + " pretraining it is itself the base model, and copied into the run as that",
              defaultValue = "null")
          Optional<String> start,
      @Setting(
              value =
                  "Pieces of words that occur less often in the corpus are cut into shorter ones; the"
                      + " vocabulary is most of a small language model",
              defaultValue = "2",
              min = 1)
          int minPieceCount) {

    /**
     * The directories that models of this plan are copied from, a name for every seed filled in.
     */
    Map<String, String> given(long seed) {
      Map<String, String> directories = new TreeMap<>();
      given.forEach(
          (variant, path) -> directories.put(variant, path.replace("{seed}", Long.toString(seed))));
      return directories;
    }

    public ModelPlan {
      if (!pretrainingSplits.isEmpty() && pretraining.isEmpty()) {
        throw new IllegalArgumentException(
            "pretraining_splits: there is no base model; say how it is trained under pretraining");
      }
      for (String name : given.keySet()) {
        if (variants.stream().noneMatch(variant -> variant.method().equals(name))) {
          throw new IllegalArgumentException(
              "given: '" + name + "' is none of the variants of this model, which are " + variants);
        }
      }
    }
  }
}
