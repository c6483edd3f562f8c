package io.recant.jobs.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.detect.DetectStep;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of annotators in, consensus and disputed targets out; odd ones among them. */
class ConsensusStepIT {

  private static final int SAMPLES = 300;
  private static final List<String> CORPORA = new ArrayList<>();

  @TempDir private static Path root;

  private static StepFixture fixture;
  private static StepFixture.Result run;

  @BeforeAll
  static void run() throws IOException {
    fixture = new StepFixture(root);
    corpus("crowd", "classes: [a, b, c]", crowd());
    corpus("alone", "classes: [a, b]", "0,x,a,w\n1,y,b,w\n2,z,b,w\n");
    corpus("single", "classes: [a, b]", "0,x,a,w0\n1,y,b,w1\n1,y,b,w2\n1,y,a,w3\n2,z,a,w4\n");
    corpus("twice", "classes: [a, b]", "0,x,a,w0\n0,x,b,w0\n0,x,b,w1\n0,x,b,w2\n");
    corpus("stranger", "classes: []", "0,x,a,w0\n0,x,a,w1\n0,x,z,w2\n1,y,b,w0\n1,y,b,w2\n");
    corpus("quarrel", "classes: [a, b]", quarrel());
    corpus("one-class", "classes: [a]", "0,x,a,w0\n0,x,a,w1\n1,y,a,w0\n1,y,a,w1\n");
    Path plain = Files.writeString(root.resolve("plain.csv"), "id,input,target\n0,x,a\n1,y,b\n");
    CORPORA.add(
        "{name: plain, task: classification, test_share: 0, source: {name: csv, path: '"
            + plain
            + "'}}");
    run =
        fixture.run(
            "crowds",
            sections(CORPORA) + "detect: {detectors: [annotator-dispute]}\n",
            new IngestStep(),
            new ConsensusStep(),
            new DetectStep(),
            new DecideStep());
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  @Test
  void aContraryAnnotatorIsSeenThroughAndTheBetterMethodChosen() {
    Dataset<Row> crowd = of(Table.CONSENSUS, "crowd");
    assertThat(crowd.count()).isEqualTo(SAMPLES);
    assertThat(crowd.where("method = 'dawid-skene'").count()).isEqualTo(SAMPLES);
    assertThat(measure("crowd.log_likelihood.dawid-skene"))
        .isGreaterThan(measure("crowd.log_likelihood.majority"));
    assertThat(right(crowd, "consensus")).isGreaterThan(right(crowd, "target"));
    Row contrary = of(Table.ANNOTATORS, "crowd").where("annotator = 'w5'").first();
    assertThat(contrary.<Double>getAs("accuracy")).isLessThan(0.15);
    assertThat(contrary.<Double>getAs("information")).isGreaterThan(0.8);
    assertThat(contrary.<Double>getAs("confusions")).isGreaterThan(50);
    assertThat(contrary.<Long>getAs("answers")).isEqualTo(SAMPLES);
    assertThat(measure("crowd.fleiss_kappa")).isBetween(0.0, 1.0);
  }

  @Test
  void probabilitiesAreProbabilitiesAndTheConsensusIsTheMostProbable() {
    for (Row row : run.table(Table.CONSENSUS).collectAsList()) {
      List<Float> p = row.getList(row.fieldIndex("probabilities"));
      double most = p.stream().mapToDouble(Float::doubleValue).max().orElseThrow();
      assertThat(p.stream().mapToDouble(Float::doubleValue).sum()).isCloseTo(1, within(1e-5));
      assertThat(row.<Double>getAs("probability")).isCloseTo(most, within(1e-6));
      assertThat(row.<Integer>getAs("answers_for"))
          .isLessThanOrEqualTo(row.<Integer>getAs("answers"));
    }
  }

  @Test
  void disputedTargetsAreFindingsWithTheVotesAsReason() {
    Dataset<Row> findings = of(Table.FINDINGS, "crowd").where("detector = 'annotator-dispute'");
    assertThat(findings.count()).isEqualTo(SAMPLES);
    assertThat(
            findings
                .join(of(Table.CONSENSUS, "crowd").drop("corpus", "shard"), "sample_id")
                .where("abs(score - (1 - target_probability)) > 1e-9")
                .count())
        .isZero();
    Row disputed = findings.where("suggested_target is not null").orderBy("sample_id").first();
    assertThat(disputed.<String>getAs("reason"))
        .matches("\\d of 6 annotators say [abc]; given [abc]; P\\([abc]\\) = [01]\\.\\d\\d");
    assertThat(disputed.<Double>getAs("score")).isGreaterThan(0.5);
    assertThat(of(Table.FORGET, "crowd").count()).isPositive();
    assertThat(of(Table.FINDINGS, "plain").where("detector = 'annotator-dispute'").count())
        .isZero();
  }

  @Test
  void oneAnnotatorIsBelieved() {
    assertThat(
            of(Table.CONSENSUS, "alone")
                .where("consensus = target and method = 'majority'")
                .count())
        .isEqualTo(3);
    assertThat(of(Table.ANNOTATORS, "alone").first().<Double>getAs("agreement")).isEqualTo(1);
    assertThat(run.manifest("consensus").measures()).doesNotContainKey("alone.fleiss_kappa");
    assertThat(of(Table.RETAIN, "alone").count()).isEqualTo(3);
  }

  @Test
  void oneAnswerASampleOrAnAnnotatorIsEnoughForARow() {
    assertThat(of(Table.CONSENSUS, "single").count()).isEqualTo(3);
    assertThat(of(Table.CONSENSUS, "single").where("answers = 1").count()).isEqualTo(2);
    assertThat(
            of(Table.ANNOTATORS, "single")
                .where("answers = 1 and accuracy between 0 and 1")
                .count())
        .isEqualTo(5);
  }

  @Test
  void ofTwoAnswersOfOneAnnotatorTheFirstCounts() {
    Row row = of(Table.CONSENSUS, "twice").first();
    assertThat(row.<Integer>getAs("answers")).isEqualTo(3);
    assertThat(of(Table.QUARANTINE, "twice").count()).isEqualTo(1);
  }

  @Test
  void anAnswerThatIsNoClassIsLeftOutAndCounted() {
    assertThat(measure("stranger.answers_left_out")).isEqualTo(1);
    assertThat(
            of(Table.CONSENSUS, "stranger")
                .where("consensus = 'a'")
                .first()
                .<Integer>getAs("answers"))
        .isEqualTo(2);
    assertThat(
            of(Table.ANNOTATORS, "stranger")
                .where("annotator = 'w2'")
                .first()
                .<Long>getAs("answers"))
        .isEqualTo(1);
  }

  @Test
  void whereAllDisagreeNothingIsCertain() {
    assertThat(measure("quarrel.krippendorff_alpha")).isNegative();
    assertThat(of(Table.CONSENSUS, "quarrel").where("answers = 2 and answers_for = 1").count())
        .isEqualTo(8);
    assertThat(of(Table.CONSENSUS, "quarrel").where("probability > 0").count()).isEqualTo(8);
  }

  @Test
  void oneClassIsCertainAndAgreementBeyondChanceUndefined() {
    assertThat(of(Table.CONSENSUS, "one-class").where("probability = 1").count()).isEqualTo(2);
    assertThat(run.manifest("consensus").measures())
        .doesNotContainKeys("one-class.fleiss_kappa", "one-class.krippendorff_alpha");
    assertThat(of(Table.ANNOTATORS, "one-class").where("information = 0 and accuracy = 1").count())
        .isEqualTo(2);
  }

  @Test
  void aCorpusWithoutAnnotatorsGetsNoRows() {
    assertThat(of(Table.CONSENSUS, "plain").count()).isZero();
    assertThat(of(Table.ANNOTATORS, "plain").count()).isZero();
  }

  @Test
  void annotatorsWithOneNumberEachWhereMatricesWouldNotFit() {
    StepFixture.Result narrow =
        fixture.run(
            "narrow",
            sections(CORPORA.subList(0, 1)) + "consensus: {most_cells: 0}\n",
            new IngestStep(),
            new ConsensusStep());
    assertThat(
            narrow
                .table(Table.CONSENSUS)
                .where("method in ('dawid-skene', 'pooled-dawid-skene')")
                .count())
        .isZero();
    assertThat(narrow.manifest("consensus").measures())
        .containsKey("crowd.log_likelihood.one-coin")
        .doesNotContainKey("crowd.log_likelihood.dawid-skene");
    assertThat(narrow.table(Table.ANNOTATORS).where("confusions is not null").count()).isZero();
  }

  @Test
  void theSameRowsHoweverTheyArePartitioned() {
    fixture.spark().conf().set("spark.sql.shuffle.partitions", "7");
    StepFixture.Result again =
        fixture.run("again", sections(CORPORA), new IngestStep(), new ConsensusStep());
    fixture.spark().conf().set("spark.sql.shuffle.partitions", "3");
    Map<String, String> contents = again.contents("consensus");
    assertThat(contents).isEqualTo(run.contents("consensus")).hasSize(2);
  }

  @Test
  void aMethodThatIsNotThereIsRefused() {
    assertThatThrownBy(
            () -> fixture.run("unknown", "consensus: {methods: [mayority]}\n", new ConsensusStep()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("mayority")
        .hasMessageContaining("majority");
  }

  /** Five annotators are right three times out of five; the sixth always says the next class. */
  private static String crowd() {
    Random random = new Random(3);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < SAMPLES; i++) {
      for (int w = 0; w < 6; w++) {
        int shift = w == 5 ? 1 : random.nextInt(5) < 3 ? 0 : 1 + random.nextInt(2);
        rows.append("%d,text %d %s,%s,w%d%n".formatted(i, i, name(i), name(i + shift), w));
      }
    }
    return rows.toString();
  }

  private static String quarrel() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      rows.append("%d,text %d,%s,w0%n".formatted(i, i, i % 2 == 0 ? "a" : "b"));
      rows.append("%d,text %d,%s,w1%n".formatted(i, i, i % 2 == 0 ? "b" : "a"));
    }
    return rows.toString();
  }

  private static String name(int i) {
    return List.of("a", "b", "c").get(i % 3);
  }

  private static long right(Dataset<Row> crowd, String column) {
    return crowd
        .join(of(Table.SAMPLES, "crowd").select("sample_id", "input"), "sample_id")
        .where(column + " = substring_index(input, ' ', -1)")
        .count();
  }

  private static void corpus(String name, String settings, String rows) throws IOException {
    Path file = Files.writeString(root.resolve(name + ".csv"), "id,input,target,worker\n" + rows);
    CORPORA.add(
        "{name: %s, task: classification, test_share: 0, %s, source: {name: csv, path: '%s'}, columns: {id: id, input: input, target: target, annotator: worker}}"
            .formatted(name, settings, file));
  }

  private static String sections(List<String> corpora) {
    return "ingest: {max_quarantine: 0.9, corpora: [" + String.join(", ", corpora) + "]}\n";
  }

  private static double measure(String name) {
    return run.manifest("consensus").measures().get(name);
  }

  private static Dataset<Row> of(Table table, String corpus) {
    return run.table(table).where("corpus = '" + corpus + "'");
  }
}
