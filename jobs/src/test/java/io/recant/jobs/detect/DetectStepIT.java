package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.config.PipelineConfig;
import io.recant.core.manifest.Manifest;
import io.recant.core.manifest.Provenance;
import io.recant.core.stats.Ranking;
import io.recant.core.table.Table;
import io.recant.jobs.SampleSettings;
import io.recant.spark.progress.ConsoleProgress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.StepRunner;
import io.recant.spark.table.TableReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
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

class DetectStepIT {

  private static final int SIZE = 600;
  private static final int CANARIES = 60;

  /** Many cells, so that the search that large corpora take is the one tested. */
  private static final String CELLS =
      "detect: {neighbours: {exact_below: 0, cell_rows: 60, k: 20}}";

  @TempDir static Path root;
  private static SparkSession spark;
  private static Result usual;

  private record Result(RunDirectory run, Set<String> bad, Set<String> known) {

    Dataset<Row> table(Table table) {
      return TableReader.read(spark, run, table);
    }

    Manifest manifest() {
      return run.manifest("detect").orElseThrow();
    }

    String hash(Table table) {
      return manifest().tables().get(table.tableName()).contentHash();
    }

    double auroc(String corpus, String detector) {
      List<Row> rows =
          table(Table.FINDINGS)
              .where("corpus = '" + corpus + "' and detector = '" + detector + "'")
              .select("sample_id", "score")
              .collectAsList();
      boolean[] isBad = new boolean[rows.size()];
      for (int i = 0; i < isBad.length; i++) {
        isBad[i] = bad.contains(rows.get(i).getString(0));
      }
      return Ranking.of(rows.stream().mapToDouble(row -> row.getDouble(1)).toArray(), isBad)
          .auroc();
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
            .config("spark.sql.codegen.wholeStage", "false")
            .getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    usual = run("usual", CELLS, CANARIES, 3, false);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Result run(
      String id, String detect, int canaries, int partitions, boolean onlyLabelled) {
    LabelledCorpora corpora = new LabelledCorpora(SIZE, canaries, partitions, onlyLabelled);
    PipelineConfig config =
        PipelineConfig.parse(
            "run: {id: "
                + id
                + ", root: '"
                + root.toUri()
                + "'}\nsteps: [corpora, detect]\n"
                + detect,
            id,
            List.of(),
            List.of("corpora", "detect"));
    RunDirectory run =
        RunDirectory.open(config.run().root(), id, spark.sparkContext().hadoopConfiguration());
    StepRunner runner =
        new StepRunner(
            spark,
            config,
            run,
            new Provenance("test", "test", "17", Map.of(), "test", "local[2]"),
            Clock.systemUTC(),
            new ConsoleProgress(
                spark.sparkContext(),
                new PrintStream(new ByteArrayOutputStream(), true),
                Clock.systemUTC(),
                false));
    DetectStep step = new DetectStep();
    runner.run(corpora, List.of(corpora, step));
    runner.run(step, List.of(corpora, step));
    return new Result(run, corpora.bad(), corpora.known());
  }

  @Test
  void everyJudgedRowHasOneFindingOfEveryLabelDetector() {
    for (String detector :
        List.of("confident-learning", "noise-transition", "neighbour-credibility")) {
      String of = "detector = '" + detector + "' and corpus = 'labelled'";
      assertThat(usual.table(Table.FINDINGS).where(of).count()).isEqualTo(SIZE);
      assertThat(usual.table(Table.FINDINGS).where(of).select("sample_id").distinct().count())
          .isEqualTo(SIZE);
      assertThat(usual.table(Table.CANARY_FINDINGS).where(of).count()).isEqualTo(CANARIES);
    }
    assertThat(usual.table(Table.FINDINGS).where("not (score between 0 and 1)").count()).isZero();
    assertThat(usual.table(Table.FINDINGS).where("sample_id like 'canary%'").count()).isZero();
  }

  @Test
  void trainingDynamicsJudgeTheSamplesThatModelsTrainedOn() {
    for (String detector : List.of("area-under-margin", "data-map")) {
      String of = "detector = '" + detector + "'";
      assertThat(usual.table(Table.FINDINGS).where(of).count()).isEqualTo(SIZE / 2);
      assertThat(usual.table(Table.CANARY_FINDINGS).where(of).count()).isZero();
      assertThat(usual.auroc("labelled", detector)).isEqualTo(1);
    }
    assertThat(
            usual
                .table(Table.FINDINGS)
                .where("detector = 'area-under-margin' and score > 0.5")
                .select("reason")
                .first()
                .getString(0))
        .matches("class \\d trailed another class by 1\\.5 on average over 2 epochs.*");
  }

  @Test
  void otherVotesAndOtherEstimatesOfTheTransitionFindBadRowsToo() {
    for (String estimate : List.of("confident_joint", "alternating", "consensus")) {
      Result other =
          run(
              estimate,
              "detect: {detectors: [{name: noise-transition, estimate: "
                  + estimate
                  + "}, {name: neighbour-credibility, vote: simifeat}]}",
              CANARIES,
              3,
              true);
      assertThat(other.auroc("labelled", "noise-transition")).as(estimate).isGreaterThan(0.95);
      assertThat(other.auroc("labelled", "neighbour-credibility")).isGreaterThan(0.93);
    }
  }

  @Test
  void badRowsScoreHigher() {
    assertThat(usual.auroc("labelled", "confident-learning")).isGreaterThan(0.93);
    assertThat(usual.auroc("labelled", "noise-transition")).isGreaterThan(0.95);
    assertThat(usual.auroc("labelled", "neighbour-credibility")).isGreaterThan(0.93);
    assertThat(usual.auroc("pairs", "prompt-target-fit")).isGreaterThan(0.9);
    assertThat(usual.auroc("pairs", "duplicate-target")).isGreaterThan(0.9);
  }

  @Test
  void rowsLikeTheKnownBadOnesScoreHigher() {
    Dataset<Row> findings = usual.table(Table.FINDINGS).where("detector = 'like-known'");
    assertThat(findings.count()).isEqualTo(SIZE);
    assertThat(findings.where("corpus != 'labelled'").count()).as("nobody knows any").isZero();
    assertThat(usual.table(Table.CANARY_FINDINGS).where("detector = 'like-known'").count())
        .isZero();
    assertThat(usual.known()).hasSizeGreaterThan(10);
    assertThat(usual.auroc("labelled", "like-known")).isGreaterThan(0.93);
    double known = mean(findings, usual.known());
    Set<String> others = new HashSet<>(usual.bad());
    others.removeAll(usual.known());
    assertThat(known).as("scored as if nobody knew").isCloseTo(mean(findings, others), within(0.2));
    assertThat(usual.manifest().measures().get("labelled.like_known.share"))
        .isCloseTo(0.07, within(0.04));
    assertThat(findings.where("score > 0.5").first().<String>getAs("reason"))
        .startsWith("like the known bad rows: ");
  }

  @Test
  void fromFewerKnownRowsThanAreNeededNothingIsLearned() {
    Result few =
        run(
            "few",
            "detect: {detectors: [{name: like-known, least_known: 50}, neighbour-credibility]}",
            CANARIES,
            3,
            true);

    assertThat(few.known()).hasSizeBetween(2, 49);
    assertThat(few.table(Table.FINDINGS).where("detector = 'like-known'").count()).isZero();
    assertThat(few.manifest().measures()).doesNotContainKey("labelled.like_known.share");
    assertThat(few.table(Table.FINDINGS).where("detector = 'neighbour-credibility'").count())
        .isEqualTo(SIZE);
  }

  private static double mean(Dataset<Row> findings, Set<String> ids) {
    return findings
        .where(org.apache.spark.sql.functions.col("sample_id").isin(ids.toArray()))
        .agg(org.apache.spark.sql.functions.avg("score"))
        .first()
        .getDouble(0);
  }

  @Test
  void reasonsSayWhatWasSeen() {
    Row row =
        usual
            .table(Table.FINDINGS)
            .where("detector = 'neighbour-credibility' and suggested_target is not null")
            .orderBy(
                org.apache.spark.sql.functions.desc("score"),
                org.apache.spark.sql.functions.col("sample_id"))
            .first();

    assertThat(row.<String>getAs("reason"))
        .matches("\\d+ of 15 nearest rows are class \\d; given class \\d")
        .contains("are " + row.<String>getAs("suggested_target") + ";");
    assertThat(
            usual
                .table(Table.FINDINGS)
                .where(
                    "detector = 'duplicate-target' and reason like '% prompts have this target%'")
                .count())
        .isEqualTo(usual.table(Table.FINDINGS).where("detector = 'duplicate-target'").count());
  }

  @Test
  void neitherPartitionsNorWhereRowsAreKeptBetweenPassesChangeAFinding() {
    Result other =
        run(
            "partitions",
            CELLS.replace("detect: {", "detect: {labelled: files, "),
            CANARIES,
            7,
            false);

    assertThat(other.hash(Table.FINDINGS)).isEqualTo(usual.hash(Table.FINDINGS));
    assertThat(other.hash(Table.CANARY_FINDINGS)).isEqualTo(usual.hash(Table.CANARY_FINDINGS));
  }

  @Test
  void canariesChangeNoFindingAboutSamples() {
    Result without = run("without", CELLS, 0, 3, false);

    assertThat(without.hash(Table.FINDINGS)).isEqualTo(usual.hash(Table.FINDINGS));
    assertThat(without.table(Table.CANARY_FINDINGS).count()).isZero();
  }

  @Test
  void theSearchInCellsFindsWhatItAimsAt() {
    assertThat(usual.manifest().measures().get("labelled.neighbours_recall"))
        .isGreaterThanOrEqualTo(0.9);
    assertThat(usual.manifest().measures().get("labelled.neighbours_probes")).isLessThan(10);
    Result exact = run("exact", "detect: {detectors: [neighbour-credibility]}", CANARIES, 3, true);
    assertThat(exact.manifest().measures().get("labelled.neighbours_recall")).isEqualTo(1);
    assertThat(exact.auroc("labelled", "neighbour-credibility"))
        .isCloseTo(usual.auroc("labelled", "neighbour-credibility"), within(0.03));
  }

  @Test
  void oneRowOneClassAndZeroVectorsHaveAnAnswer() {
    assertThat(
            usual
                .table(Table.FINDINGS)
                .where("corpus = 'alone'")
                .orderBy("detector")
                .select("score")
                .collectAsList()
                .stream()
                .map(row -> row.getDouble(0)))
        .containsExactly(0.0, 0.5, 0.0);
    assertThat(
            usual
                .table(Table.FINDINGS)
                .where(
                    "corpus = 'zero' and detector = 'neighbour-credibility' and score = 0.5 and"
                        + " reason = 'it has no neighbours to compare with'")
                .count())
        .isEqualTo(10);
    assertThat(
            usual
                .table(Table.FINDINGS)
                .where("corpus = 'labelled' and suggested_target = 'class 4'")
                .count())
        .isZero();
  }

  @Test
  void observationsTellWhatTheCorpusIsLike() {
    Dataset<Row> observed = usual.table(Table.FINDINGS).where("corpus = 'observed'");
    Row far =
        observed
            .where("kind = 'outlier'")
            .orderBy(org.apache.spark.sql.functions.desc("score"))
            .first();
    assertThat(far.<String>getAs("sample_id")).isEqualTo("far");
    assertThat(far.<String>getAs("reason"))
        .matches("its 10 nearest rows are \\d+\\.\\d times as far away as is usual");
    assertThat(observed.where("kind = 'outlier'").count()).isLessThan(20);
    assertThat(observed.where("kind = 'outlier' and score < 0.5").count()).isZero();

    Dataset<Row> group = observed.where("kind = 'underperforming_group'");
    assertThat(group.where("sample_id like 'doubtful%'").count()).isEqualTo(200);
    assertThat(group.first().<String>getAs("reason"))
        .matches("one of \\d+ rows alike whose labels have a mean probability of 0\\.\\d\\d, .*");

    assertThat(
            observed.where("kind = 'class_imbalance'").orderBy("sample_id").collectAsList().stream()
                .map(row -> row.getAs("sample_id") + ": " + row.getAs("reason")))
        .hasSize(5)
        .contains("o800: class 2 has 5 of 806 rows; an equal share would be 269");
    assertThat(
            usual
                .table(Table.CANARY_FINDINGS)
                .where("kind in ('outlier', 'underperforming_group', 'class_imbalance')")
                .count())
        .isZero();
  }

  @Test
  void whoJudgesDoesNotSeeTheTruth() {
    DetectStep step = new DetectStep();

    assertThat(step.reads(SampleSettings.of(DetectConfig.class)))
        .doesNotContain(Table.INJECTIONS, Table.DAMAGED);
  }
}
