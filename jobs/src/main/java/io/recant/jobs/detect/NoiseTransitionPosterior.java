package io.recant.jobs.detect;

import io.recant.core.config.Setting;
import io.recant.core.label.NeighbourVote;
import io.recant.core.label.NoiseTransition;
import io.recant.core.label.ProbabilityMix;
import io.recant.core.vector.Nearest;
import io.recant.jobs.noise.GivenLabel;
import io.recant.jobs.noise.States;
import io.recant.jobs.noise.TransitionEstimate;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * The probability that a label is wrong, from how labels of the corpus go wrong. Use it with
 * calibrated probabilities, where labels are flipped at random or one class is often given as
 * another; on errors of human annotators {@code confident-learning} ranks as well or better.
 */
public final class NoiseTransitionPosterior implements Detector<NoiseTransitionPosterior.Settings> {

  /** Rows from which the share of neighbours in the mix is learnt. */
  private static final int MIX_ROWS = 20000;

  /** Settings of {@code noise-transition}. */
  public record Settings(
      @Setting(
              value = "Whether neighbours' labels join the probabilities where there are vectors",
              defaultValue = "auto")
          NeighbourUse neighbours,
      @Setting(
              value = "How the transition matrix is estimated: bench transitions compares",
              defaultValue = "anchors")
          TransitionEstimate.Method estimate) {}

  /** Whether neighbours are asked. */
  public enum NeighbourUse {
    /** Where the corpus has vectors. */
    AUTO,
    /** Never. */
    NEVER
  }

  /**
   * A candidate with the probabilities it is judged by.
   *
   * @param p the model's, joined with the neighbours' where there are any
   */
  private record Judged(LabelledRow row, double[] p) implements Serializable {}

  private record Voted(LabelledRow row, double[] neighbours) implements Serializable {}

  @Override
  public String name() {
    return "noise-transition";
  }

  @Override
  public String summary() {
    return "The probability that a label is wrong, given how labels of this corpus go wrong.";
  }

  @Override
  public String source() {
    return "anchors after Patrini et al., CVPR 2017; neighbours after Zhu et al. (SimiFeat), ICML 2022";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION) && candidates.hasProbabilities();
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    List<String> classes = candidates.classes();
    JavaRDD<LabelledRow> rows = candidates.labelled().filter(LabelledRow::isPredicted);
    double[] shares =
        TransitionEstimate.shares(
            rows.filter(row -> !row.canary()).map(LabelledRow::given), classes.size());
    boolean asks = settings.neighbours() == NeighbourUse.AUTO && candidates.hasVectors("input");
    JavaRDD<Judged> judged =
        (asks ? mixed(candidates, rows, shares) : rows.map(row -> new Judged(row, row.p())))
            .persist(StorageLevel.MEMORY_AND_DISK());
    candidates.releaseLater(judged::unpersist);
    TransitionEstimate estimate =
        TransitionEstimate.of(
            judged
                .filter(j -> !j.row().canary())
                .map(j -> new GivenLabel(j.row().key(), j.row().given(), j.p())),
            shares,
            settings.estimate(),
            candidates.hasVectors("input") ? Optional.of(consensus(candidates)) : Optional.empty());
    candidates.measure("background_rate", estimate.backgroundRate());
    NoiseTransition transition = estimate.transition();
    return Finding.table(candidates.spark(), judged.map(j -> finding(j, transition, classes)));
  }

  /** The labels of samples and of the two nearest neighbours of each. */
  private static JavaRDD<int[]> consensus(Candidates candidates) {
    return candidates
        .labelled()
        .filter(row -> !row.canary())
        .mapToPair(row -> new scala.Tuple2<>(row.key(), row.given()))
        .join(candidates.neighbours())
        .values()
        .filter(pair -> pair._2().labels().length >= 2)
        .map(pair -> new int[] {pair._1(), pair._2().labels()[0], pair._2().labels()[1]});
  }

  private static JavaRDD<Judged> mixed(
      Candidates candidates, JavaRDD<LabelledRow> rows, double[] shares) {
    int classes = shares.length;
    JavaRDD<Voted> voted =
        rows.mapToPair(row -> new scala.Tuple2<>(row.key(), row))
            .leftOuterJoin(candidates.neighbours())
            .values()
            .map(
                pair -> {
                  Nearest n = pair._2().orElse(Nearest.NONE);
                  return new Voted(
                      pair._1(),
                      NeighbourVote.of(n.similarities(), n.labels(), n.keys().length, classes)
                          .posterior(shares));
                })
            .persist(StorageLevel.MEMORY_AND_DISK());
    candidates.releaseLater(voted::unpersist);
    JavaRDD<Voted> samples = voted.filter(v -> !v.row().canary());
    long bound = bound(samples.count());
    ProbabilityMix.Exponents best =
        States.over(
                samples.filter(v -> (v.row().key() & Long.MAX_VALUE) <= bound),
                new ProbabilityMix(),
                (state, v) -> {
                  state.add(v.row().given(), v.row().p(), v.neighbours());
                  return state;
                },
                ProbabilityMix::merge)
            .best();
    candidates.measure("mix_model", best.model());
    candidates.measure("mix_neighbours", best.neighbours());
    return voted.map(v -> new Judged(v.row(), best.join(v.row().p(), v.neighbours())));
  }

  private static long bound(long rows) {
    return rows <= MIX_ROWS ? Long.MAX_VALUE : (long) ((double) MIX_ROWS / rows * Long.MAX_VALUE);
  }

  private static Row finding(Judged judged, NoiseTransition transition, List<String> classes) {
    LabelledRow row = judged.row();
    double[] truth = transition.truth(judged.p());
    double wrong = transition.wrong(truth, row.given());
    int suggested = transition.suggestion(truth, row.given());
    String given = classes.get(row.given());
    String reason =
        suggested == row.given()
            ? String.format(Locale.ROOT, "%s is right with probability %.2f", given, 1 - wrong)
            : String.format(
                Locale.ROOT,
                "%s is wrong with probability %.2f; more likely %s",
                given,
                wrong,
                classes.get(suggested));
    return TrueClassFinding.of(row, judged.p(), truth, wrong, suggested, classes, reason);
  }
}
