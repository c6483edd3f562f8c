package io.recant.spark.step;

import io.recant.core.registry.Extension;
import io.recant.core.table.Table;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * A step: a function from tables to tables. It reads and writes only what it declares (the context
 * refuses the rest), so that nobody who judges samples can look at the truth.
 *
 * @param <C> the configuration section of the step
 */
public interface Step<C extends Record> extends Extension<C> {

  /**
   * The tables it may read. {@link Table#SAMPLES} stands for the samples as models see them: {@link
   * Table#DAMAGED} where the pipeline injects errors; a step that must see the samples before that
   * declares {@link #readsOriginals}.
   */
  Set<Table> reads(C config);

  /** The tables it writes; each is written exactly once, empty if need be. */
  Set<Table> writes(C config);

  /**
   * Whether {@link Table#SAMPLES} means the samples as ingested. Only for steps that make or
   * measure the damage.
   */
  default boolean readsOriginals() {
    return false;
  }

  /**
   * Checks the configuration as far as that goes without data; throws a {@code ConfigException}.
   */
  default void check(C config) {}

  /**
   * What a person who submits this step should know beforehand: a sentence each.
   *
   * @param hadoop how to reach what the configuration names
   */
  default List<String> advice(C config, Configuration hadoop) {
    return List.of();
  }

  /** Does the work. Everything it writes goes through the context, which commits it afterwards. */
  void run(C config, StepContext context);

  @Override
  default String source() {
    return "";
  }
}
