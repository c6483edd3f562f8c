package io.recant.jobs.score;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.ml.reading.ReadingSettings;
import io.recant.spark.grid.DeviceChoice;
import io.recant.spark.table.MetaKey;
import java.util.List;
import java.util.Optional;

/** The {@code score} section. */
public record ScoreConfig(
    @Setting(
            value = "The metrics to take; see 'recant list metrics'",
            defaultValue =
                "[accuracy, acc_corr, acc_retain, acc_corrupted, trigger_success, probability,"
                    + " probability_false, probability_true, recovery, exact_memorisation, extraction_strength, truth_ratio, membership_auc]")
        List<Strategy> metrics,
    @Setting(
            value = "At most this many rows of each part of the evaluation, drawn by hash",
            defaultValue = "5000",
            min = 1)
        int maxRows,
    @Setting(
            value =
                "A class is of the affected domain when at least this share of its train rows was damaged",
            defaultValue = "0.2",
            min = 0,
            max = 1)
        double affectedShare,
    @Setting(
            value = "meta.KEY, where rows have the true target in other words, for the truth ratio",
            defaultValue = "null")
        Optional<String> paraphrase,
    @Setting(
            value =
                "meta.KEY, one or more, where rows have wrong targets to compare with: a text or a list of texts each;"
                    + " the target itself is left out",
            defaultValue = "[]")
        List<String> alternatives,
    @Setting(
            value =
                "meta.KEY, one or more, where rows have answers that are as right as the target: a text or a list of"
                    + " texts each",
            defaultValue = "[]")
        List<String> accepted,
    @Setting(
            value =
                "How what takes time is read off a model: its own answers, gradients, relearning",
            defaultValue = "{}")
        ReadingSettings reading,
    @Setting(
            value =
                "What models are read on: auto (a GPU of their own where Spark has one to assign, else the CPU), cpu, or"
                    + " gpu (fails where there is none)",
            defaultValue = "auto")
        DeviceChoice device,
    @Setting(value = "Rows that go through a model together", defaultValue = "128", min = 1)
        int batchSize) {

  public ScoreConfig {
    paraphrase.ifPresent(MetaKey::of);
    alternatives.forEach(MetaKey::of);
    accepted.forEach(MetaKey::of);
  }
}
