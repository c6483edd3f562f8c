package io.recant.jobs.score;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import java.util.List;

/** The {@code score} section. */
public record ScoreConfig(
    @Setting(
            value = "The metrics to take; see 'recant list metrics'",
            defaultValue =
                "[accuracy, acc_corr, acc_retain, probability_false, probability_true, probability_retain, recovery,"
                    + " exact_memorisation, extraction_strength, membership_auc]")
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
    @Setting(value = "Rows that go through a model together", defaultValue = "128", min = 1)
        int batchSize) {}
