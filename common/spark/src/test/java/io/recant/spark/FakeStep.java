package io.recant.spark;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** A step whose work is a lambda. */
public record FakeStep(
    String name,
    Set<Table> read,
    Set<Table> written,
    boolean readsOriginals,
    BiConsumer<Config, StepContext> body)
    implements Step<FakeStep.Config> {

  /** Settings to change in tests. */
  public record Config(
      @Setting(value = "How many rows", defaultValue = "3") int rows,
      @Setting(value = "Parts", defaultValue = "[]") List<Part> parts) {}

  /** Something nested. */
  public record Part(
      @Setting(value = "Long text", defaultValue = "a text that makes the setting a long one")
          String text,
      @Setting(value = "A rate", defaultValue = "0.5") double rate) {}

  /** A step that reads nothing. */
  public static FakeStep source(String name, Table table, BiConsumer<Config, StepContext> body) {
    return new FakeStep(name, Set.of(), Set.of(table), false, body);
  }

  @Override
  public String summary() {
    return "A step for tests.";
  }

  @Override
  public Class<Config> settings() {
    return Config.class;
  }

  @Override
  public Set<Table> reads(Config config) {
    return read;
  }

  @Override
  public Set<Table> writes(Config config) {
    return written;
  }

  @Override
  public void run(Config config, StepContext context) {
    body.accept(config, context);
  }
}
