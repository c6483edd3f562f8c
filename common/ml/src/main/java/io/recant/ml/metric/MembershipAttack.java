package io.recant.ml.metric;

import io.recant.core.stats.Interval;
import io.recant.core.stats.Ranking;
import java.util.List;

/**
 * How well a number about a row tells the forget set from rows the model never saw: the area under
 * the ROC curve. 0.5 is a coin; a model that has forgotten is as near to it as the oracle is.
 */
abstract class MembershipAttack implements Metric<MembershipAttack.Settings> {

  /** No settings. */
  public record Settings() {}

  /** The number; higher where the row is likelier to have been trained on. */
  abstract double score(ScoredRow.Answer target);

  @Override
  public final Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public final Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public final String needs() {
    return "a forget set and test rows";
  }

  @Override
  public final List<Value> measure(Settings settings, List<ScoredRow> rows) {
    List<ScoredRow> members = Rows.of(rows, ScoredRow.Part.FORGOTTEN).list();
    List<ScoredRow> others = Rows.of(rows, ScoredRow.Part.TEST).list();
    if (members.isEmpty() || others.isEmpty()) {
      return List.of();
    }
    double[] scores = new double[members.size() + others.size()];
    boolean[] isMember = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      isMember[i] = i < members.size();
      scores[i] = score((isMember[i] ? members.get(i) : others.get(i - members.size())).target());
    }
    double auc = Ranking.of(scores, isMember).auroc();
    return List.of(
        new Value("forgotten", Interval.auc(auc, members.size(), others.size()), scores.length));
  }
}
