package io.recant.jobs.consensus;

import io.recant.core.config.Setting;
import java.util.List;

/** The {@code consensus} section. */
public record ConsensusConfig(
    @Setting(
            value =
                "Methods that stand for choice: majority, dawid-skene, pooled-dawid-skene, one-coin,"
                    + " crowdlab; empty: those the corpus has answers enough for",
            defaultValue = "[]")
        List<String> methods,
    @Setting(
            value =
                "Answers are dealt into so many folds; each is foretold by a consensus of the others",
            defaultValue = "5",
            min = 2,
            max = 100)
        int folds,
    @Setting(
            value = "No further fold is foretold once so many answers are",
            defaultValue = "100000",
            min = 1)
        long heldOut,
    @Setting(
            value =
                "Annotators times classes times classes up to which every annotator may have a"
                    + " confusion matrix; above it one number each",
            defaultValue = "4000000",
            min = 0,
            max = 50000000)
        int mostCells) {}
