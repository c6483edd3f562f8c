package io.recant.jobs.bench;

import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;

/** The kind of extension that measures. */
public final class Benchmarks implements Kind {

  @Override
  public String plural() {
    return "benchmarks";
  }

  @Override
  public Registry<Benchmark<?>> registry() {
    return Registry.load(Benchmark.class, "benchmark");
  }
}
