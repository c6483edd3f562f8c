package io.recant.jobs.unlearn;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;
import io.recant.ml.unlearn.UnlearningMethod;

/** The unlearning methods on the class path. */
public final class Methods implements Kind {

  static Registry<UnlearningMethod<?>> load() {
    return Registry.load(UnlearningMethod.class, "unlearning method");
  }

  @Override
  public String plural() {
    return "methods";
  }

  @Override
  public Registry<UnlearningMethod<?>> registry() {
    return load();
  }
}
