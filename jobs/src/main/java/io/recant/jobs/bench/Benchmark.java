package io.recant.jobs.bench;

import io.recant.core.registry.Extension;

/**
 * A measurement that anybody can repeat: {@code recant bench NAME}. It prints its figures as tables
 * and writes the same rows as Parquet; times are compared within one run, never across machines.
 *
 * @param <S> the settings record, set by {@code --set key=value}
 */
public interface Benchmark<S extends Record> extends Extension<S> {

  /**
   * Measures.
   *
   * @throws io.recant.core.error.ConfigException where it needs data and none was given
   */
  void run(S settings, BenchContext context);

  /**
   * Whether a benchmark that was broken off goes on where it was: its {@link BenchContext#scratch}
   * is then kept, and what is committed there not done again.
   */
  default boolean goesOn() {
    return false;
  }

  /** Most measure what is ours, after no paper. */
  @Override
  default String source() {
    return "";
  }
}
