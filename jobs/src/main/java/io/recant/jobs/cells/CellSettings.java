package io.recant.jobs.cells;

import io.recant.core.config.Setting;
import java.io.Serializable;

/**
 * How a cell that trains uses the machine it runs on. Nothing here is part of what the cell is: one
 * that is done stays done when this changes.
 */
public record CellSettings(
    @Setting(
            value =
                "Memory that the passes of one step may take beside the model, its gradients and the"
                    + " optimiser, as 8g or 500m; a larger step is cut into parts whose gradients add"
                    + " up. auto: nine tenths of a GPU, or a cell's share of half the machine, less six"
                    + " times the model",
            defaultValue = "auto")
        String memory,
    @Setting(
            value =
                "Seconds between two saved states of a cell, from which it goes on when its process"
                    + " has died; a state is three times as large as the model, and saving takes at"
                    + " most a twentieth of the time. 0 saves at every step",
            defaultValue = "60",
            min = 0)
        double saveSeconds)
    implements Serializable {

  /** Refuses a memory that is none. */
  public CellSettings {
    PassMemory.parse(memory);
  }
}
