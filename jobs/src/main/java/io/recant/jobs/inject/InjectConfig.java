package io.recant.jobs.inject;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import java.util.List;
import java.util.Map;

/** The {@code inject} section. */
public record InjectConfig(
    @Setting(
            "Per corpus the injectors, in order; a row is damaged by the first that draws it. See 'recant list injectors'")
        Map<String, List<Strategy>> corpora) {}
