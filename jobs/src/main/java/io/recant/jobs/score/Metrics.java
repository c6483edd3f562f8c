package io.recant.jobs.score;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;
import io.recant.ml.metric.Metric;

/** The metrics on the class path. */
public final class Metrics implements Kind {

  static Registry<Metric<?>> load() {
    return Registry.load(Metric.class, "metric");
  }

  @Override
  public String plural() {
    return "metrics";
  }

  @Override
  public Registry<Metric<?>> registry() {
    return load();
  }
}
