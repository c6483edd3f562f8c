package io.recant.jobs.cells;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;
import io.recant.ml.model.ModelFamily;

/** The model families on the class path. */
public final class ModelFamilies implements Kind {

  /** All families; each JVM finds its own. */
  public static Registry<ModelFamily<?>> load() {
    return Registry.load(ModelFamily.class, "model family");
  }

  @Override
  public String plural() {
    return "families";
  }

  @Override
  public Registry<ModelFamily<?>> registry() {
    return load();
  }
}
