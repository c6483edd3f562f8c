package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Locale;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * The same target under different prompts: at most one of them should have it. In a group of rows
 * with one target (case and white space aside), score_i = 1 - w_i / sum_group w, with w the odds
 * that the target fits the prompt, from {@code prompt-target-fit}. A canary joins the samples that
 * carry its false target. Rows without a duplicate get no finding. Not for corpora whose answers
 * repeat by nature (yes, no, numbers).
 */
public final class DuplicateTarget implements Detector<DuplicateTarget.Settings> {

  private static final double LEAST = 1e-6;

  /** {@code duplicate-target} has no settings. */
  public record Settings() {}

  private record Member(PairFit.Fit fit, long weight) implements Serializable {}

  /**
   * Rows with one target.
   *
   * @param weight summed odds, in millionths
   * @param best the sample that fits best, and its prompt
   * @param worst the sample that fits worst, and its prompt
   */
  private record Group(long weight, int rows, Member best, Member worst) implements Serializable {

    static Group of(Member member) {
      return new Group(member.weight(), 1, member, member);
    }

    Group merge(Group other) {
      return new Group(
          weight + other.weight,
          rows + other.rows,
          fitter(best, other.best) ? best : other.best,
          fitter(worst, other.worst) ? other.worst : worst);
    }

    private static boolean fitter(Member a, Member b) {
      return a.weight() > b.weight()
          || a.weight() == b.weight() && a.fit().id().compareTo(b.fit().id()) < 0;
    }
  }

  @Override
  public String name() {
    return "duplicate-target";
  }

  @Override
  public String summary() {
    return "Rows that share their target with another prompt which it fits better.";
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
  public boolean appliesTo(Candidates candidates) {
    return new PromptTargetFit().appliesTo(candidates);
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    JavaRDD<PairFit.Fit> fits = PairFit.of(candidates);
    PairFit.Scale scale = PairFit.scale(fits);
    JavaPairRDD<String, Member> members =
        fits.mapToPair(fit -> new Tuple2<>(normalised(fit.target()), member(fit, scale)));
    JavaPairRDD<String, Group> groups =
        members
            .filter(pair -> !pair._2().fit().canary())
            .mapValues(Group::of)
            .reduceByKey(Group::merge);
    return Finding.table(
        candidates.spark(),
        members
            .join(groups)
            .values()
            .filter(pair -> !other(pair._1(), pair._2()).input().equals(pair._1().fit().input()))
            .map(pair -> finding(pair._1(), pair._2())));
  }

  private static String normalised(String target) {
    return target.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  private static Member member(PairFit.Fit fit, PairFit.Scale scale) {
    double bad = Math.max(LEAST, Math.min(1 - LEAST, scale.doubt(fit, 0)));
    return new Member(fit, Math.max(1, Math.round((1 - bad) / bad * 1e6)));
  }

  /** The row a member is held against: the best of its group, or where that is itself the worst. */
  private static PairFit.Fit other(Member member, Group group) {
    PairFit.Fit best = group.best().fit();
    return best.id().equals(member.fit().id()) ? group.worst().fit() : best;
  }

  private static Row finding(Member member, Group group) {
    PairFit.Fit fit = member.fit();
    PairFit.Fit other = other(member, group);
    long all = group.weight() + (fit.canary() ? member.weight() : 0);
    int rows = group.rows() + (fit.canary() ? 1 : 0);
    ObjectNode evidence = Finding.evidence();
    evidence.put("rows", rows);
    evidence.put("other", other.id());
    evidence.put("cosine", Finding.rounded(fit.cosine()));
    evidence.put("other_cosine", Finding.rounded(other.cosine()));
    return Finding.of(
        fit.id(),
        fit.shard(),
        fit.canary(),
        Finding.INCONSISTENT,
        1 - (double) member.weight() / all,
        null,
        String.format(
            Locale.ROOT,
            "%d prompts have this target; cosine with this one %.2f, with %s %.2f",
            rows,
            fit.cosine(),
            other.id(),
            other.cosine()),
        evidence);
  }
}
