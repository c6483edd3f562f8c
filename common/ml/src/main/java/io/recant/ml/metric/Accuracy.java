package io.recant.ml.metric;

import java.util.List;

/** Share of clean test rows whose class is the model's first choice. */
public final class Accuracy implements Metric<Accuracy.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public String summary() {
    return "Share of clean test rows whose class is the model's first choice.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.HIGHER;
  }

  @Override
  public String needs() {
    return "test rows with a class";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.testClasses(model.rows()).share("test", row -> row.target().exact());
  }
}
