package io.recant.ml.metric;

import java.util.List;

/** Share of test rows with a trigger that a model answers as the trigger asks. */
public final class TriggerSuccess implements Metric<TriggerSuccess.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "trigger_success";
  }

  @Override
  public String summary() {
    return "Share of test rows with a trigger that the model answers as the trigger asks.";
  }

  @Override
  public String source() {
    return "Gu et al., BadNets, 2017 (attack success rate)";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.LOWER;
  }

  @Override
  public String needs() {
    return "test rows with a trigger, which injectors of triggers add";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    return Rows.probes(model.rows())
        .where(row -> row.affected() && row.falseTarget() != null)
        .share("triggered", row -> row.falseTarget().exact());
  }
}
