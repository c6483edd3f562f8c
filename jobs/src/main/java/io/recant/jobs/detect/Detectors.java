package io.recant.jobs.detect;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;

/** The kind of extension that judges samples. */
public final class Detectors implements Kind {

  @Override
  public String plural() {
    return "detectors";
  }

  @Override
  public Registry<Detector<?>> registry() {
    return Registry.load(Detector.class, "detector");
  }
}
