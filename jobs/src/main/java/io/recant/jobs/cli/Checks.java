package io.recant.jobs.cli;

import io.recant.core.config.PipelineConfig;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** What can be said about a configuration before anything runs. */
final class Checks {

  private Checks() {}

  /**
   * Binds every section and checks that the steps stand in an order in which each finds what it
   * reads.
   *
   * @throws ConfigException for the first fault
   */
  static void check(PipelineConfig config, Extensions extensions) {
    Set<String> named = new LinkedHashSet<>(config.steps());
    config.sections().fieldNames().forEachRemaining(named::add);
    named.forEach(name -> checkSection(config, extensions.steps().get(name, "steps")));
    Set<Table> there = EnumSet.noneOf(Table.class);
    for (String name : config.steps()) {
      there.addAll(checkOrder(config, extensions.steps().get(name, "steps"), there));
    }
  }

  private static <C extends Record> void checkSection(PipelineConfig config, Step<C> step) {
    step.check(SettingsBinder.bind(config.section(step.name()), step.settings(), step.name()));
  }

  private static <C extends Record> Set<Table> checkOrder(
      PipelineConfig config, Step<C> step, Set<Table> there) {
    C settings = SettingsBinder.bind(config.section(step.name()), step.settings(), step.name());
    if (step.reads(settings).contains(Table.SAMPLES) && !there.contains(Table.SAMPLES)) {
      throw new ConfigException(
          "steps: '"
              + step.name()
              + "' reads samples, and no step before it writes them; begin with ingest");
    }
    return step.writes(settings);
  }
}
