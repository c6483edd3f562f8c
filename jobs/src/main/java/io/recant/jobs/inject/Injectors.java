package io.recant.jobs.inject;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;

/** The injectors on the class path. */
public final class Injectors implements Kind {

  static Registry<Injector<?>> load() {
    return Registry.load(Injector.class, "injector");
  }

  @Override
  public String plural() {
    return "injectors";
  }

  @Override
  public Registry<Injector<?>> registry() {
    return load();
  }
}
