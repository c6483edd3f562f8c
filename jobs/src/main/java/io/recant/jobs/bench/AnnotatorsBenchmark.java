package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import java.util.List;

/** Crowdsourced labels with known truth, and how the time to join answers grows. */
public final class AnnotatorsBenchmark implements Benchmark<AnnotatorsBenchmark.Settings> {

  /** Settings of {@code annotators}. */
  public record Settings(
      @Setting(
              value =
                  "Synthetic corpora of so many answers show how the time grows; none when empty",
              defaultValue = "[300000, 1000000, 3000000]")
          List<Long> answers) {}

  @Override
  public String name() {
    return "annotators";
  }

  @Override
  public String summary() {
    return "Consensus of annotators against known truth, and how the time to find it grows.";
  }

  @Override
  public String source() {
    return "bluebird: Welinder et al., NIPS 2010; rte: Snow et al., EMNLP 2008; dog, web: Zhou et al., NIPS"
        + " 2012; product: Wang et al., VLDB 2012";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    CrowdTruth.run(context);
    if (!settings.answers().isEmpty()) {
      AnswerGrowth.run(settings.answers(), context);
    }
  }
}
