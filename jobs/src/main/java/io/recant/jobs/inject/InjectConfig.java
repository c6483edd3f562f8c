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
        Map<String, List<Strategy>> corpora) {}
