package io.recant.jobs.detect;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
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
        Neighbours neighbours,
    @Setting(
            value =
                "Where labels and probabilities stay between passes: memory (as many as fit; the"
                    + " others are read again), or files (all are read again)",
            defaultValue = "memory")
        Kept labelled) {

  /** Where rows stay between passes; the findings are the same. */
  public enum Kept {
    /** In memory, as many as fit. */
    MEMORY,
    /** In the files they came from. */
    FILES
  }

  /** The search for nearest neighbours. */
  public record Neighbours(
      @Setting(value = "Neighbours kept per sample", defaultValue = "30", min = 1, max = 500) int k,
      @Setting(
              value = "Up to so many rows every pair is compared",
              defaultValue = "5000",
              min = 0,
              max = 50000)
          int exactBelow,
      @Setting(
              value = "Share of the true neighbours the search aims to find",
              defaultValue = "0.9",
              min = 0.1,
              max = 1)
          double recall,
      @Setting(value = "Rows of an average cell", defaultValue = "500", min = 16, max = 10000)
          int cellRows,
      @Setting(
              value = "A row looks into at most so many cells",
              defaultValue = "16",
              min = 1,
              max = 256)
          int mostProbes,
      @Setting(
              value =
                  "Rows closer than this share of the median nearest distance are near-duplicates, not neighbours",
              defaultValue = "0.13",
              min = 0,
              max = 1)
          double duplicate) {}
}
