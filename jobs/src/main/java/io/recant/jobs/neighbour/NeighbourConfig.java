package io.recant.jobs.neighbour;

import io.recant.core.config.Setting;
import io.recant.core.vector.Metric;

/** The search for nearest neighbours. */
public record NeighbourConfig(
    @Setting(value = "Neighbours kept per sample", defaultValue = "30", min = 1, max = 500) int k,
    @Setting(
            value =
                "How far apart two vectors are: cosine, or euclidean where a vector's length says"
                    + " something",
            defaultValue = "cosine")
        Metric metric,
    @Setting(
            value = "Up to so many rows every pair is compared",
            defaultValue = "5000",
            min = 0,
            max = 10000000)
        int exactBelow,
    @Setting(
            value = "Share of the true neighbours the search aims to find",
            defaultValue = "0.96",
            min = 0.1,
            max = 1)
        double recall,
    @Setting(
            value = "Rows of an average cell; one of more than twice as many is split",
            defaultValue = "400",
            min = 16,
            max = 10000)
        int cellRows,
    @Setting(
            value = "A row looks into at most so many cells",
            defaultValue = "64",
            min = 1,
            max = 1000)
        int mostProbes,
    @Setting(
            value =
                "Rows closer than this share of the median nearest distance are near-duplicates, not neighbours",
            defaultValue = "0.13",
            min = 0,
            max = 1)
        double duplicate) {}
