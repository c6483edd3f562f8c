package io.recant.jobs.unlearn;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.jobs.cells.CellSettings;
import io.recant.ml.causal.LoraSettings;
import io.recant.spark.grid.DeviceChoice;
import java.util.List;
import java.util.Optional;

/** The {@code unlearn} section. */
public record UnlearnConfig(
    @Setting("The grid: models, and the methods and seeds to try on each") List<Plan> grid,
    @Setting(
            value = "At most this many updates of a model, whatever the method asks",
            defaultValue = "1000000000",
            min = 1)
        long maxSteps,
    @Setting(
            value =
                "What cells run on: auto (a GPU of their own where Spark has one to assign, else the CPU), cpu, or gpu"
                    + " (fails where there is none)",
            defaultValue = "auto")
        DeviceChoice device,
    @Setting(value = "How cells use their machine: memory, save_seconds", defaultValue = "{}")
        CellSettings cells) {

  /** Cells of one model. */
  public record Plan(
      @Setting("The model, as train or the user named it") String model,
      @Setting("The methods with their settings; see 'recant list methods'") List<Strategy> methods,
      @Setting(
              value = "Every method is run once for each seed, on the victim of that seed",
              defaultValue = "[0]")
          List<Long> seeds,
      @Setting(
              value =
                  "Low-rank adapters (rank, alpha, targets) that are trained in place of the weights; they are merged in"
                      + " the checkpoint and kept beside it, in adapter/, as PEFT reads them",
              defaultValue = "null")
          Optional<LoraSettings> lora,
      @Setting(
              value = "The layers that are trained, from 1; the whole model when empty",
              defaultValue = "[]")
          List<Integer> layers,
      @Setting(
              value =
                  "Appended to the methods' names, so that a method can stand in the grid twice with different settings",
              defaultValue = "null")
          Optional<String> as) {

    public Plan {
      if (lora.isPresent() && !layers.isEmpty()) {
        throw new IllegalArgumentException("lora and layers: one of the two at most");
      }
      if (as.isPresent() && !as.get().matches("[A-Za-z0-9._-]+")) {
        throw new IllegalArgumentException("as: '" + as.get() + "' cannot name a folder");
      }
    }

    /** What the rows of a method are called. */
    String named(String method) {
      return as.map(suffix -> method + "-" + suffix).orElse(method);
    }
  }
}
