package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import java.util.List;

/**
 * Rows that contradict each other: near-duplicates planted with another target, how the time to
 * find them grows, and facts hidden from documents.
 */
public final class InconsistencyBenchmark implements Benchmark<InconsistencyBenchmark.Settings> {

  /** Settings of {@code inconsistency}. */
  public record Settings(
      @Setting(
              value = "Synthetic corpora of so many texts show how the time grows; none when empty",
              defaultValue = "[100000, 300000, 1000000]")
          List<Long> sizes,
      @Setting(
              value = "The share of the facts that is hidden",
              defaultValue = "0.1",
              min = 0.001,
              max = 0.9)
          double hidden) {}

  @Override
  public String name() {
    return "inconsistency";
  }

  @Override
  public String summary() {
    return "Planted near-duplicates and hidden facts that are found, and how the time grows.";
  }

  @Override
  public String source() {
    return "Re-DocRED: Tan et al., EMNLP 2022; GSM8K: Cobbe et al., 2021; Hausa: Hedderich et al., EMNLP 2020";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    PlantedDuplicates.run(context);
    HiddenFacts.run(settings.hidden(), context);
    if (!settings.sizes().isEmpty()) {
      DuplicateGrowth.run(settings.sizes(), context);
    }
  }
}
