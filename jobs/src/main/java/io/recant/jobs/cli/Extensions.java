package io.recant.jobs.cli;

import io.recant.core.registry.Extension;
import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;
import io.recant.spark.step.Step;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Everything a configuration can name. The kinds themselves are found too ({@link Kind}), so a new
 * kind is one service line.
 */
public final class Extensions {

  private final Registry<Step<?>> steps;
  private final Map<String, Registry<? extends Extension<?>>> kinds = new TreeMap<>();

  private Extensions(Registry<Step<?>> steps) {
    this.steps = steps;
    kinds.put("steps", steps);
    for (Kind kind : ServiceLoader.load(Kind.class)) {
      kinds.put(kind.plural(), kind.registry());
    }
  }

  static Extensions load() {
    return new Extensions(Registry.load(Step.class, "step"));
  }

  /** The steps. */
  Registry<Step<?>> steps() {
    return steps;
  }

  /** The steps as a list, by name. */
  List<Step<?>> stepList() {
    return List.copyOf(steps.all());
  }

  /** Every kind by its plural. */
  Map<String, Registry<? extends Extension<?>>> kinds() {
    return kinds;
  }
}
