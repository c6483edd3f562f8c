package io.recant.jobs.ingest;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;

/** The sources on the class path. */
public final class Sources implements Kind {

  static Registry<Source<?>> load() {
    return Registry.load(Source.class, "source");
  }

  @Override
  public String plural() {
    return "sources";
  }

  @Override
  public Registry<Source<?>> registry() {
    return load();
  }
}
