package io.recant.ml.metric;

import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.core.registry.Registry;
import io.recant.core.stats.Interval;
import java.util.List;
import java.util.Optional;

/**
 * How much better or worse an attacker does than on the model that never saw the forget set: {@code
 * 100 (AUC - AUC of the retained-only model) / AUC of the retained-only model}. 0 leaks nothing,
 * above it the forget set is still seen, below it is seen to have been removed.
 */
public final class PrivacyLeak implements Metric<PrivacyLeak.Settings> {

  /** Settings. */
  public record Settings(
      @Setting(
              value = "The membership attack, one that needs no other model",
              defaultValue = "membership_min_k")
          String attack) {

    public Settings {
      requireAttack(attack);
    }

    MembershipAttack requireAttack() {
      return requireAttack(attack);
    }

    private static MembershipAttack requireAttack(String name) {
      Registry<Metric<?>> metrics = Registry.load(Metric.class, "metric");
      if (metrics.get(name, "priv_leak.attack") instanceof MembershipAttack attack) {
        return attack;
      }
      throw new ConfigException("priv_leak.attack: " + name + " is no membership attack");
    }
  }

  @Override
  public String name() {
    return "priv_leak";
  }

  @Override
  public String summary() {
    return "How far a membership attack's success is from that on the retained-only model, in per cent; 0 leaks nothing.";
  }

  @Override
  public String source() {
    return "Shi et al., MUSE, ICLR 2025";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public String needs() {
    return "a forget set, test rows and a retrained model";
  }

  @Override
  public List<Value> measure(Settings settings, Evaluated model) {
    MembershipAttack attack = settings.requireAttack();
    Optional<Value> own = attack.auc(model);
    Optional<Value> retained = attack.auc(Evaluated.alone(model.reference()));
    if (own.isEmpty() || retained.isEmpty() || retained.get().interval().value() == 0) {
      return List.of();
    }
    double base = retained.get().interval().value();
    double leak = 100 * (own.get().interval().value() - base) / base;
    return List.of(new Value("forgotten", Interval.point(leak), own.get().n()));
  }
}
