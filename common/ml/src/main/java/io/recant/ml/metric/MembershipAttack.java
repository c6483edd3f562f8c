package io.recant.ml.metric;

import io.recant.core.stats.Interval;
import io.recant.core.stats.Ranking;
import java.util.List;

/**
 * How well a row's loss tells the forget set from rows the model never saw: the area under the ROC
 * curve of minus the mean token loss. 0.5 is a coin; a model that has forgotten is as near to it as
 * the oracle is.
 */
public final class MembershipAttack implements Metric<MembershipAttack.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "membership_auc";
  }

  @Override
  public String summary() {
    return "How well the loss tells the forget set from unseen test rows: area under the ROC curve, 0.5 is a coin.";
  }

  @Override
  public String source() {
    return "Yeom et al., Privacy Risk in Machine Learning, CSF 2018";
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
    return "a forget set and test rows";
  }

  @Override
  public List<Value> measure(Settings settings, List<ScoredRow> rows) {
    List<ScoredRow> members = Rows.of(rows, ScoredRow.Part.FORGOTTEN).list();
    List<ScoredRow> others = Rows.of(rows, ScoredRow.Part.TEST).list();
    if (members.isEmpty() || others.isEmpty()) {
      return List.of();
    }
    double[] scores = new double[members.size() + others.size()];
    boolean[] isMember = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      isMember[i] = i < members.size();
      scores[i] =
          (isMember[i] ? members.get(i) : others.get(i - members.size())).target().probability();
    }
    double auc = Ranking.of(scores, isMember).auroc();
    return List.of(
        new Value("forgotten", Interval.auc(auc, members.size(), others.size()), scores.length));
  }
}
