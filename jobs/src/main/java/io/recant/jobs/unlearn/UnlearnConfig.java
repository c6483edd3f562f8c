package io.recant.jobs.unlearn;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.jobs.cells.CellSettings;
import java.util.List;

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
                "auto takes the GPU Spark assigned, else the CPU; cpu; gpu fails where none is assigned",
            defaultValue = "auto")
        String device,
    @Setting(value = "How cells use their machine: memory, save_seconds", defaultValue = "{}")
        CellSettings cells) {

  /** Cells of one model. */
  public record Plan(
      @Setting("The model, as train or the user named it") String model,
      @Setting("The methods with their settings; see 'recant list methods'") List<Strategy> methods,
      @Setting(
              value = "Every method is run once for each seed, on the victim of that seed",
              defaultValue = "[0]")
          List<Long> seeds) {}
}
