package io.recant.jobs.repair;

import io.recant.core.config.Setting;

/** The {@code repair} section. */
public record RepairConfig(
    @Setting(
            value =
                "Wanted expected precision of relabelling: as many suggestions as keep it are put in, the others asked about",
            defaultValue = "0.9",
            min = 0,
            max = 1)
        double precision,
    @Setting(
            value =
                "With fewer canaries that something is suggested for, suggestions have no probability and all are asked about",
            defaultValue = "100",
            min = 20)
        int minCanaries) {}
