package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.config.PipelineConfig;
import io.recant.core.manifest.Manifest;
import io.recant.core.manifest.Provenance;
import io.recant.core.table.Table;
import io.recant.spark.progress.ConsoleProgress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.StepRunner;
import io.recant.spark.table.TableReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecideStepIT {

  private static final List<Table> SETS = List.of(Table.FORGET, Table.RETAIN, Table.REVIEW);

  @TempDir static Path root;
  private static SparkSession spark;
  private static Result usual;

  /** A finished run. */
  private record Result(RunDirectory run, JudgedCorpora fixture, String log) {

    Map<String, Boolean> truth() {
      return fixture.truth();
    }

    Dataset<Row> table(Table table) {
      return TableReader.read(spark, run, table);
    }

    Manifest manifest() {
      return run.manifest("decide").orElseThrow();
    }

    Set<String> ids(Table table) {
      return new HashSet<>(
          table(table)
              .select("sample_id")
              .as(org.apache.spark.sql.Encoders.STRING())
              .collectAsList());
    }

    Set<String> forgotten() {
      Set<String> ids = ids(Table.FORGET);
      ids.retainAll(truth().keySet());
      return ids;
    }

    double score(String detector, String measure, String column) {
      return table(Table.DETECTION_SCORES)
          .where(
              "corpus = 'known' and detector = '" + detector + "' and measure = '" + measure + "'")
          .select(column)
          .first()
          .getDouble(0);
    }

    double hits() {
      return forgotten().stream().filter(truth()::get).count();
    }

    double precision() {
      return hits() / forgotten().size();
    }

    double recall() {
      return hits() / truth().values().stream().filter(bad -> bad).count();
    }
  }

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "3")
            .getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    usual = run("usual", "", 0.1, 3, false);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Result run(
      String id, String decide, double share, int partitions, boolean onlyKnown) {
    JudgedCorpora fixture = new JudgedCorpora(share, partitions, onlyKnown);
    PipelineConfig config =
        PipelineConfig.parse(
            "run: {id: "
                + id
                + ", root: '"
                + root.toUri()
                + "'}\nsteps: [fixture, decide]\n"
                + decide,
            id,
            List.of(),
            List.of("fixture", "decide"));
    RunDirectory run =
        RunDirectory.open(config.run().root(), id, spark.sparkContext().hadoopConfiguration());
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    StepRunner runner =
        new StepRunner(
            spark,
            config,
            run,
            new Provenance("test", "test", "17", Map.of(), "test", "local[2]"),
            Clock.systemUTC(),
            new ConsoleProgress(
                spark.sparkContext(), new PrintStream(log, true), Clock.systemUTC(), false));
    DecideStep step = new DecideStep();
    runner.run(fixture, List.of(fixture, step));
    runner.run(step, List.of(fixture, step));
    return new Result(run, fixture, log.toString(StandardCharsets.UTF_8));
  }

  @Test
  void everySampleIsInExactlyOneSet() {
    long all =
        JudgedCorpora.TOLD
            + JudgedCorpora.PAIRED
            + JudgedCorpora.TRAIN
            + JudgedCorpora.TEST
            + 2 * JudgedCorpora.OTHERS;
    Set<String> seen = new HashSet<>();
    long rows = 0;
    for (Table set : SETS) {
      seen.addAll(usual.ids(set));
      rows += usual.table(set).count();
      assertThat(usual.table(set).where("action != '" + set.tableName() + "'").count()).isZero();
    }
    assertThat(rows).isEqualTo(all);
    assertThat(seen).hasSize((int) all).isEqualTo(usual.ids(Table.DECISIONS));
    assertThat(usual.ids(Table.SAMPLES)).isEqualTo(seen);
  }

  @Test
  void noCanaryReachesAnOutputTable() {
    for (Table table : List.of(Table.DECISIONS, Table.FORGET, Table.RETAIN, Table.REVIEW)) {
      assertThat(usual.table(table).where("sample_id like 'c%'").count()).isZero();
    }
  }

  @Test
  void otherSplitsAreRetainedUnjudged() {
    Dataset<Row> test = usual.table(Table.RETAIN).where("split = 'test'");

    assertThat(test.count()).isEqualTo(JudgedCorpora.TEST);
    assertThat(test.where("p_bad is null and reasons[0] = 'split test is not judged'").count())
        .isEqualTo(JudgedCorpora.TEST);
  }

  @Test
  void estimatesComeNearTheTruth() {
    assertThat(usual.score("decide", "share_bad", "value")).isCloseTo(0.1, within(0.03));
    assertThat(usual.score("decide", "precision", "value"))
        .isCloseTo(usual.precision(), within(0.1));
    assertThat(usual.score("decide", "recall", "value")).isCloseTo(usual.recall(), within(0.1));
    assertThat(usual.score("decide", "precision", "lower")).isLessThan(usual.precision());
    assertThat(usual.score("decide", "precision", "upper")).isGreaterThan(usual.precision());
    assertThat(usual.precision()).isGreaterThan(0.6);
    assertThat(usual.recall()).isGreaterThan(0.6);
    double flagged = usual.forgotten().size();
    assertThat(usual.score("decide", "flagged", "value")).isEqualTo(flagged);
    double mean =
        usual
            .table(Table.DECISIONS)
            .where("corpus = 'known' and p_bad is not null")
            .selectExpr("avg(p_bad)")
            .first()
            .getDouble(0);
    assertThat(mean).isCloseTo(usual.score("decide", "share_bad", "value"), within(0.002));
  }

  @Test
  void aDetectorThatSpeaksTheWrongWayHasNoSay() {
    assertThat(usual.manifest().measures().get("known.weight.contrary")).isZero();
    assertThat(usual.manifest().measures().get("known.weight.strong"))
        .isGreaterThan(usual.manifest().measures().get("known.weight.sparse"));
    assertThat(usual.manifest().measures().get("known.weight.sparse")).isPositive();
    assertThat(usual.score("decide", "auroc", "value"))
        .isGreaterThan(usual.score("strong", "auroc", "value"));
    assertThat(usual.score("contrary", "auroc", "value")).isLessThan(0.5);
  }

  @Test
  void forgetAndReviewRowsSayWhy() {
    Dataset<Row> told = usual.table(Table.DECISIONS).where("action != 'retain'");

    assertThat(told.count()).isPositive();
    assertThat(told.where("size(reasons) = 0 or reasons[0] = ''").count()).isZero();
    assertThat(told.where("size(reasons) > 3").count()).isZero();
    assertThat(told.where("corpus = 'known' and reasons[0] like 'strong says%'").count())
        .isGreaterThan(told.where("corpus = 'known'").count() * 3 / 4);
    assertThat(told.where("suggested_target = 'given'").count())
        .as("strong suggests what is already there")
        .isZero();
    assertThat(told.where("suggested_target = 'from weak'").count()).isPositive();
    assertThat(usual.table(Table.RETAIN).where("size(reasons) > 1").count()).isZero();
  }

  @Test
  void setsFollowTheThreshold() {
    Dataset<Row> known =
        usual.table(Table.DECISIONS).where("corpus = 'known' and p_bad is not null");

    assertThat(known.where("(p_bad >= threshold) != (action = 'forget')").count()).isZero();
    double worstReviewed =
        known.where("action = 'review'").selectExpr("min(p_bad)").first().getDouble(0);
    assertThat(worstReviewed).isGreaterThanOrEqualTo(0.2);
    assertThat(known.where("action = 'retain' and p_bad > " + worstReviewed).count()).isZero();
    assertThat(known.where("action = 'review'").count()).isBetween(1L, JudgedCorpora.TRAIN / 20L);
    assertThat(known.select("p_bad").distinct().count()).isGreaterThan(JudgedCorpora.TRAIN / 2);
  }

  @Test
  void vectorsComeAlong() {
    assertThat(usual.table(Table.FORGET).where("corpus = 'known' and vector is null").count())
        .isZero();
    assertThat(
            usual
                .table(Table.FORGET)
                .where(
                    "corpus = 'known' and cast(vector[0] as int) != cast(substring(sample_id, 2) as int)")
                .count())
        .isZero();
  }

  @Test
  void withoutCanariesTheHighestScoreDecidesAndSaysSo() {
    Dataset<Row> given = usual.table(Table.DECISIONS).where("corpus = 'given'");

    assertThat(
            given.where("abs(p_bad - cast(substring(sample_id, 2) as int) / 200) > 1e-9").count())
        .isZero();
    assertThat(given.where("action = 'forget'").count()).isPositive();
    assertThat(usual.log()).contains("given: 0 canaries").contains("unseen: no detector");
    assertThat(usual.manifest().measures().get("given.from_canaries")).isZero();
    assertThat(
            usual
                .table(Table.DETECTION_SCORES)
                .where("corpus = 'given' and measure = 'precision'")
                .count())
        .isZero();
    assertThat(usual.table(Table.RETAIN).where("corpus = 'unseen'").count())
        .isEqualTo(JudgedCorpora.OTHERS);
  }

  @Test
  void whatIsKnownToBeBadIsForgottenWithWhoSaysSo() {
    Dataset<Row> known =
        usual
            .table(Table.DECISIONS)
            .where(col("sample_id").isin(usual.fixture().known().toArray()));
    assertThat(known.count()).isEqualTo(usual.fixture().known().size()).isGreaterThan(40);
    assertThat(
            known
                .where(
                    "action != 'forget' or p_bad != 1 or reasons[0] != 'known to be bad: a person'")
                .count())
        .isZero();
    assertThat(known.where("suggested_target = 'from weak'").count()).isEqualTo(known.count());
    assertThat(usual.manifest().measures().get("told.known_bad"))
        .isEqualTo(usual.fixture().known().size());
  }

  @Test
  void knownRowsThatAreTooFewToMeasureByAreForgottenAllTheSame() {
    Result few = run("few", "decide: {min_known: 100000}", 0.1, 3, false);

    assertThat(few.ids(Table.FORGET)).containsAll(few.fixture().known());
    assertThat(few.manifest().measures().get("told.known_bad"))
        .isEqualTo(few.fixture().known().size());
    assertThat(few.log()).contains("told: 0 canaries");
  }

  /** They stand for the others: recall is that of the known ones as detectors see them. */
  @Test
  void estimatesOfWhatIsFoundBesideTheKnownComeNearTheTruth() {
    Set<String> forgotten = usual.ids(Table.FORGET);
    Set<String> hidden = usual.fixture().hidden();
    double found = hidden.stream().filter(forgotten::contains).count();
    double flagged =
        forgotten.stream().filter(id -> id.startsWith("k")).count()
            - usual.fixture().known().size();
    assertThat(told("recall")).isCloseTo(found / hidden.size(), within(0.1));
    assertThat(told("precision")).isCloseTo(found / flagged, within(0.12));
    assertThat(told("share_bad"))
        .isCloseTo(
            hidden.size() / (double) (JudgedCorpora.TOLD - usual.fixture().known().size()),
            within(0.03));
  }

  /**
   * Bad and unknown scores alone leave it open how many of the low ones are bad: .79 of all might
   * be.
   */
  @Test
  void whereGoodRowsAreKnownTooTheShareIsTheirDetectors() {
    assertThat(estimate("paired", "share_bad"))
        .isCloseTo(usual.fixture().pairedShare(), within(0.03));
    assertThat(usual.manifest().measures().get("paired.share_bad_bound")).isGreaterThan(0.75);
  }

  private static double told(String measure) {
    return estimate("told", measure);
  }

  private static double estimate(String corpus, String measure) {
    return usual
        .table(Table.DETECTION_SCORES)
        .where("corpus = '" + corpus + "' and detector = 'decide' and measure = '" + measure + "'")
        .select("value")
        .first()
        .getDouble(0);
  }

  @Test
  void curvesAreShortAndUnderTheirKey() {
    Dataset<Row> curves = usual.table(Table.DETECTION_CURVES);

    assertThat(curves.select("detector").distinct().count()).isEqualTo(6);
    assertThat(curves.groupBy("corpus", "detector").count().where("count > 200").count()).isZero();
    assertThat(
            curves
                .groupBy("corpus", "detector", "basis", "threshold")
                .count()
                .where("count > 1")
                .count())
        .isZero();
    assertThat(curves.where("precision > 1 or recall > 1 or basis != 'canaries'").count()).isZero();
  }

  @Test
  void partitionsDoNotShow() {
    spark.conf().set("spark.sql.shuffle.partitions", "7");
    try {
      Result other = run("other", "", 0.1, 5, false);
      for (Table table :
          List.of(
              Table.DECISIONS,
              Table.FORGET,
              Table.RETAIN,
              Table.REVIEW,
              Table.DETECTION_SCORES,
              Table.DETECTION_CURVES)) {
        assertThat(other.manifest().tables().get(table.tableName()).contentHash())
            .as(table.tableName())
            .isEqualTo(usual.manifest().tables().get(table.tableName()).contentHash());
      }
    } finally {
      spark.conf().set("spark.sql.shuffle.partitions", "3");
    }
  }

  @Test
  void cutsAreHonoured() {
    Result precise = run("precise", "decide: {cut: {by: precision, precision: 0.9}}", 0.1, 3, true);
    assertThat(precise.precision()).isCloseTo(0.9, within(0.1));
    assertThat(precise.score("decide", "precision", "value")).isBetween(0.9, 0.93);

    Result budget = run("budget", "decide: {cut: {by: budget, budget: 150}}", 0.1, 3, true);
    assertThat(budget.forgotten()).hasSizeBetween(145, 150);
  }

  @Test
  void almostNothingIsForgottenWhereNothingIsBad() {
    assertThat(run("clean", "", 0, 3, true).forgotten()).hasSizeLessThan(40);
  }
}
