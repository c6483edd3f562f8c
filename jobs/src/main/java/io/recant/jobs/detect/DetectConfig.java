package io.recant.jobs.detect;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.jobs.neighbour.NeighbourConfig;
import java.util.List;

/** The {@code detect} section. */
public record DetectConfig(
    @Setting(value = "Splits whose samples are judged", defaultValue = "[train]")
        List<String> splits,
    @Setting(
            value = "The detectors; empty: all that apply to the corpus's task",
            defaultValue = "[]")
        List<Strategy> detectors,
    @Setting(value = "How nearest neighbours are searched", defaultValue = "{}")
        NeighbourConfig neighbours,
    @Setting(
            value =
                "Where labels and probabilities stay between passes: memory (as many as fit; the"
                    + " others on local disk), or files (all are read again from the tables)",
            defaultValue = "memory")
        Kept labelled) {

  /** Where rows stay between passes; the findings are the same. */
  public enum Kept {
    /** In memory, as many as fit, the others on local disk. */
    MEMORY,
    /** In the files they came from. */
    FILES
  }
}
