package io.recant.spark.step;

import io.recant.core.config.PipelineConfig;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a step of a pipeline reads, and who has to have written it.
 *
 * @param knownSteps every step there is
 */
record StepInputs(PipelineConfig config, RunDirectory run, List<Step<?>> knownSteps) {

  /** Logical table to the one it means in this pipeline. */
  <C extends Record> Map<Table, Table> readable(Step<C> step, C settings) {
    boolean damaged = !step.readsOriginals() && isDamagedBefore(step);
    Map<Table, Table> readable = new EnumMap<>(Table.class);
    for (Table table : step.reads(settings)) {
      readable.put(table, table == Table.SAMPLES && damaged ? Table.DAMAGED : table);
    }
    return readable;
  }

  /** Whether a step of this pipeline damages the samples that a later one reads. */
  private boolean isDamagedBefore(Step<?> reader) {
    return knownSteps.stream()
        .filter(writer -> comesBefore(writer.name(), reader.name()))
        .anyMatch(writer -> declaredWrites(writer).contains(Table.DAMAGED));
  }

  /**
   * The manifests of the configured steps before this one that write a table it reads: step to
   * hash.
   *
   * @throws ConfigException when one of them is not committed
   */
  Map<String, String> manifests(Step<?> reader, Iterable<Table> tables) {
    Map<String, String> inputs = new TreeMap<>();
    for (Step<?> writer : knownSteps) {
      if (writer.name().equals(reader.name()) || !comesBefore(writer.name(), reader.name())) {
        continue;
      }
      Set<Table> writes = declaredWrites(writer);
      for (Table table : tables) {
        if (writes.contains(table)) {
          inputs.put(writer.name(), manifestHash(writer.name(), reader.name(), table));
        }
      }
    }
    return inputs;
  }

  private boolean comesBefore(String writer, String reader) {
    int at = config.steps().indexOf(writer);
    int own = config.steps().indexOf(reader);
    return at >= 0 && (own < 0 || at < own);
  }

  private <C extends Record> Set<Table> declaredWrites(Step<C> step) {
    return step.writes(
        SettingsBinder.bind(config.section(step.name()), step.settings(), step.name()));
  }

  private String manifestHash(String writer, String reader, Table table) {
    return run.manifestHash(writer)
        .orElseThrow(
            () ->
                new ConfigException(
                    "step "
                        + reader
                        + " reads "
                        + table.tableName()
                        + ", which step "
                        + writer
                        + " writes, and that step is not committed in "
                        + run.path()
                        + "; run it first"));
  }
}
