package io.recant.ml.metric;

import io.recant.core.stats.Interval;
import io.recant.core.stats.Ranking;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * How well a number about a row tells the forget set from rows the model never saw: the area under
 * the ROC curve. 0.5 is a coin; a model that has forgotten is as near to it as the oracle is.
 */
abstract class MembershipAttack implements Metric<MembershipAttack.Settings> {

  /** No settings. */
  public record Settings() {}

  /**
   * The number; higher where the row is likelier to have been trained on, NaN where it cannot be
   * told.
   *
   * @param reference the same row seen by the model that never saw the forget set; null where there
   *     is no such model
   */
  abstract double score(ScoredRow row, ScoredRow reference);

  @Override
  public final Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public final Direction direction() {
    return Direction.ORACLE;
  }

  @Override
  public String needs() {
    return "a forget set and test rows";
  }

  @Override
  public final List<Value> measure(Settings settings, Evaluated model) {
    return auc(model).stream().toList();
  }

  /** The area under the curve; nothing where no row of either side has a score. */
  final Optional<Value> auc(Evaluated model) {
    Map<String, ScoredRow> reference = Evaluated.byKey(model.reference());
    double[] members = scores(model.rows(), ScoredRow.Part.FORGOTTEN, reference);
    double[] others = scores(model.rows(), ScoredRow.Part.TEST, reference);
    if (members.length == 0 || others.length == 0) {
      return Optional.empty();
    }
    double[] scores = DoubleStream.concat(Arrays.stream(members), Arrays.stream(others)).toArray();
    boolean[] isMember = new boolean[scores.length];
    Arrays.fill(isMember, 0, members.length, true);
    double auc = Ranking.of(scores, isMember).auroc();
    return Optional.of(
        new Value("forgotten", Interval.auc(auc, members.length, others.length), scores.length));
  }

  private double[] scores(
      List<ScoredRow> rows, ScoredRow.Part part, Map<String, ScoredRow> reference) {
    return rows.stream()
        .filter(row -> row.part() == part)
        .mapToDouble(row -> score(row, reference.get(row.key())))
        .filter(score -> !Double.isNaN(score))
        .toArray();
  }
}
