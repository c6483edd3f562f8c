package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.recant.core.decision.ScoreCounts;
import io.recant.core.error.StepException;
import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Joins the detectors' opinions into one probability per sample and cuts: forget, review, retain.
 *
 * <p>Canaries are errors somebody made on purpose, samples are good rows and real errors in unknown
 * shares: learning from positive and unlabelled rows (Elkan and Noto, KDD 2008). Per corpus:
 *
 * <ol>
 *   <li>the samples are fitted as a mixture of rows like the canaries and of good rows, whose
 *       log-odds join the scores ({@link JoinedScore});
 *   <li>the share of bad samples follows from how far canaries and samples can be told apart
 *       ({@link io.recant.core.decision.ErrorShare});
 *   <li>with it the density ratio of canaries to samples is the probability of being bad ({@link
 *       io.recant.core.decision.BadProbability});
 *   <li>the configured rule cuts ({@link io.recant.core.decision.CutRule}); what is below the cut
 *       and still doubtful goes to people.
 * </ol>
 *
 * <p>Where there are no canaries, or no detector judged them, the highest score of any detector is
 * taken for the probability, rows above 0.5 at most are forgotten, and nothing is estimated about
 * the forget set.
 *
 * <p>Samples that are known to be bad (table {@code known_bad}) are forgotten. Where they are
 * enough they take the place of canaries: what is bad in a corpus is then what is like them, and
 * recall is that of the known samples as detectors see them that do not know of them. Precision and
 * recall are those of what is found beside them. Where a detector has learned from them what good
 * ones look like, too ({@link io.recant.core.label.ConfusedClasses}), the share of bad samples is
 * the mean of its scores: scores of bad and unknown ones alone leave open how many bad ones are
 * among those with low scores.
 *
 * <p>Rows somebody has decided on already are left as they are ({@code given}).
 *
 * <p>Precision and recall are as good as the canaries are like the real errors. Errors of a kind
 * that no canary stands for are neither counted nor found by more than luck.
 */
public final class DecideStep implements Step<DecideConfig> {

  @Override
  public String name() {
    return "decide";
  }

  @Override
  public String summary() {
    return "Joins the detectors into one probability per sample and cuts into forget, review and retain.";
  }

  @Override
  public String source() {
    return "Elkan and Noto, KDD 2008; Garg et al., NeurIPS 2021; Jaskie and Spanias, 2019";
  }

  @Override
  public Class<DecideConfig> settings() {
    return DecideConfig.class;
  }

  @Override
  public Set<Table> reads(DecideConfig config) {
    return Set.of(
        Table.SAMPLES,
        Table.FINDINGS,
        Table.CANARIES,
        Table.CANARY_FINDINGS,
        Table.EMBEDDINGS,
        Table.KNOWN_BAD);
  }

  @Override
  public Set<Table> writes(DecideConfig config) {
    return Set.of(
        Table.DECISIONS,
        Table.FORGET,
        Table.RETAIN,
        Table.REVIEW,
        Table.DETECTION_SCORES,
        Table.DETECTION_CURVES);
  }

  @Override
  public void run(DecideConfig config, StepContext context) {
    Dataset<Row> samples = context.read(Table.SAMPLES);
    Optional<GivenVerdicts> given = config.given().map(GivenVerdicts::new);
    given.ifPresent(verdicts -> verdicts.check(samples));
    Column open = given.map(GivenVerdicts::missing).orElse(lit(true));
    Column judged = open.and(col("split").isin(config.splits().toArray()));
    List<Row> corpora =
        samples
            .groupBy("corpus")
            .agg(count(lit(1)), count(when(judged, 1)))
            .orderBy("corpus")
            .collectAsList();
    TargetSpans.check(context.read(Table.FINDINGS), samples);
    long rows = corpora.stream().mapToLong(row -> row.getLong(1)).sum();
    DetectionEstimate estimate = new DetectionEstimate();
    List<Candidates> opened = new ArrayList<>();
    try {
      Dataset<Row> decisions = Verdicts.unjudged(samples.where(open.and(not(judged))));
      if (given.isPresent()) {
        decisions = decisions.unionByName(given.get().of(samples));
      }
      for (Row row : corpora) {
        String corpus = row.getString(0);
        if (row.getLong(2) > 0) {
          KnownSamples known =
              KnownSamples.of(
                  context, corpus, samples.where(judged).where(col("corpus").equalTo(corpus)));
          Candidates candidates =
              known.count() >= config.minKnown()
                  ? Candidates.besideKnown(context, corpus, known)
                  : Candidates.of(context, corpus, known.others());
          opened.add(candidates);
          decisions =
              decisions
                  .unionByName(known.decisions())
                  .unionByName(
                      decide(config, context, corpus, known.others(), candidates, estimate));
        }
      }
      context.write(Table.DECISIONS, decisions);
    } finally {
      opened.forEach(Candidates::close);
    }
    writeSets(context, samples);
    context.write(
        Table.DETECTION_SCORES,
        context.spark().createDataFrame(estimate.scores(), Schemas.of(Table.DETECTION_SCORES)));
    context.write(
        Table.DETECTION_CURVES,
        context.spark().createDataFrame(estimate.curves(), Schemas.of(Table.DETECTION_CURVES)));
    checkSums(context, rows);
  }

  private static Dataset<Row> decide(
      DecideConfig config,
      StepContext context,
      String corpus,
      Dataset<Row> samples,
      Candidates candidates,
      DetectionEstimate estimate) {
    if (candidates.detectors().isEmpty()) {
      context.progress().note(corpus + ": no detector has judged it; every sample is retained");
      return Verdicts.unseen(samples);
    }
    Judgement judgement = judge(config, context, corpus, candidates);
    Map<String, ScoreCounts> counts = candidates.countsByDetector();
    estimate.add(corpus, judgement, counts, candidates.weighable());
    report(context, corpus, judgement);
    return Verdicts.of(context, corpus, samples, candidates, judgement, counts);
  }

  private static Judgement judge(
      DecideConfig config, StepContext context, String corpus, Candidates candidates) {
    int enough = candidates.areKnown() ? config.minKnown() : config.minCanaries();
    if (candidates.canaries() >= enough && !candidates.weighable().isEmpty()) {
      long seed = Seeds.derive(context.seed(), "decide/" + corpus);
      JoinedScore joined = JoinedScore.fit(candidates, config.ridge(), seed);
      for (JoinedScore.Term term : joined.terms()) {
        context.measure(corpus + ".weight." + term.detector().name(), term.weight());
      }
      if (joined.informative()) {
        return Judgement.byCanaries(candidates, joined, config, seed);
      }
      context.progress().note(corpus + ": no detector tells canaries from samples");
    }
    context
        .progress()
        .note(
            corpus
                + ": "
                + candidates.canaries()
                + " canaries and "
                + candidates.weighable().size()
                + " detectors that judged them; the highest score stands for p_bad, and the"
                + " forget set's precision and recall are unknown");
    return Judgement.byHighestScore(candidates, config);
  }

  private static void report(StepContext context, String corpus, Judgement judgement) {
    double flagged = judgement.ranked().flagged(judgement.cut());
    double samples = judgement.ranked().samples();
    context.measure(corpus + ".judged", samples);
    context.measure(corpus + ".forgotten", flagged);
    context.measure(corpus + ".from_canaries", judgement.estimate().isPresent() ? 1 : 0);
    if (flagged == samples) {
      context
          .progress()
          .note(
              corpus
                  + ": every judged sample is forgotten and none retained; are the classes in the"
                  + " order of the probabilities?");
    }
    judgement
        .estimate()
        .ifPresent(
            e -> {
              context.measure(corpus + ".share_bad", e.errors().share());
              context.measure(corpus + ".share_bad_bound", e.errors().bound());
              context.progress().note(corpus + ": " + summary(judgement, e));
            });
  }

  private static String summary(Judgement judgement, Judgement.Estimate estimate) {
    double flagged = judgement.ranked().flagged(judgement.cut());
    String share =
        String.format(
            Locale.ROOT,
            "about %.1f %% of %,.0f samples bad; ",
            100 * estimate.errors().share(),
            judgement.ranked().samples());
    return flagged == 0
        ? share + "nothing stands out enough to be forgotten"
        : share
            + String.format(
                Locale.ROOT,
                "forgets %,.0f, of which about %.0f %% are bad, and finds about %.0f %% of the bad",
                flagged,
                100 * judgement.ranked().precision(judgement.cut()),
                100 * judgement.recall().value());
  }

  private static void writeSets(StepContext context, Dataset<Row> samples) {
    Dataset<Row> decisions = context.readBack(Table.DECISIONS).drop("shard");
    Dataset<Row> vectors = inputVectors(context);
    Dataset<Row> whole = samples.drop("spans");
    for (Table set : List.of(Table.FORGET, Table.REVIEW, Table.RETAIN)) {
      Dataset<Row> own = decisions.where(col("action").equalTo(set.tableName()));
      context.write(set, whole.join(own, key(), "inner").join(vectors, key(), "left"));
    }
  }

  /** The vectors of one embedding model per corpus, the last by name. */
  private static Dataset<Row> inputVectors(StepContext context) {
    Dataset<Row> inputs = context.read(Table.EMBEDDINGS).where("field = 'input'");
    Column chosen = lit(false);
    for (Row row : inputs.groupBy("corpus").agg(max("model")).collectAsList()) {
      chosen =
          chosen.or(
              col("corpus").equalTo(row.getString(0)).and(col("model").equalTo(row.getString(1))));
    }
    return inputs.where(chosen).select("corpus", "sample_id", "vector");
  }

  private static void checkSums(StepContext context, long samples) {
    long forget = context.writtenRows(Table.FORGET);
    long retain = context.writtenRows(Table.RETAIN);
    long review = context.writtenRows(Table.REVIEW);
    if (forget + retain + review != samples || context.writtenRows(Table.DECISIONS) != samples) {
      throw new StepException(
          String.format(
              Locale.ROOT,
              "%d samples became %d decisions, %d to forget, %d to retain and %d to review: rows were"
                  + " lost or doubled; is a sample_id in samples twice?",
              samples,
              context.writtenRows(Table.DECISIONS),
              forget,
              retain,
              review));
    }
    long mute =
        context
            .readBack(Table.DECISIONS)
            .where("action != 'retain'")
            .where(coalesce(org.apache.spark.sql.functions.size(col("reasons")), lit(0)).leq(0))
            .count();
    if (mute > 0) {
      throw new StepException(mute + " samples would be forgotten or reviewed without a reason");
    }
  }

  static scala.collection.immutable.Seq<String> key() {
    return scala.jdk.javaapi.CollectionConverters.asScala(List.of("corpus", "sample_id")).toList();
  }
}
