package io.recant.jobs.inject;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import java.util.List;
import java.util.Map;

/** The section {@code inject}. */
public record InjectConfig(
    @Setting(
            "The injectors of each corpus by its name, see 'recant list injectors'; a row is damaged"
                + " by the first that chooses it, and each share is one of the rows still clean")
        Map<String, List<Strategy>> corpora,
    @Setting(
            value =
                "The share of what each injector damages that is known, as a team would have found a"
                    + " part of it: those rows go to known_bad, for detect and decide to see",
            defaultValue = "0",
            min = 0,
            max = 1)
        double knownShare) {}
