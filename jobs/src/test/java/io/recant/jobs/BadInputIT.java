package io.recant.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.decision.Observation;
import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.detect.DetectStep;
import io.recant.jobs.features.FeaturesStep;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Odd corpora, from files to verdicts: each has the answer that conf/README.md promises. */
class BadInputIT {

  private static final String GIVEN = "columns: {id: id, probabilities: p, embedding: v}";
  private static final String VECTORS = "columns: {id: id, embedding: v}";
  private static final int ROWS = 40;

  @TempDir static Path root;
  private static final List<String> CORPORA = new ArrayList<>();
  private static StepFixture fixture;
  private static Result run;

  @BeforeAll
  static void runTheSteps() throws IOException {
    fixture = new StepFixture(root.resolve("runs"));
    fixture.spark().conf().set("spark.sql.codegen.wholeStage", false);
    corpus("messy", GIVEN + ", classes: [a, b]", messy());
    corpus(
        "never-given",
        GIVEN + ", classes: [c0, c1, c2]",
        rows(i -> 'c' + "" + i % 2, i -> p(3, i % 2)));
    corpus(
        "rare",
        VECTORS + ", classes: [c0, c1, rare, never]",
        rows(i -> i == 3 ? "rare" : "c" + i % 2, null));
    corpus("one-class", VECTORS, rows(i -> "only", null));
    corpus("one-row", GIVEN, row(0, "only", "[1.0]"));
    corpus("one-row-untrained", VECTORS, row(0, "only", null));
    corpus("flagged", GIVEN, rows(i -> "c" + i % 2, i -> p(2, 1 - i % 2)));
    corpus("untested", VECTORS + ", test_share: 1", rows(i -> "c" + i % 2, null));
    corpus("emptied", VECTORS, "{\"id\": 1}\n");
    Path pair =
        Files.writeString(root.resolve("pair.jsonl"), "{\"input\": \"who\", \"target\": \"me\"}\n");
    CORPORA.add(
        "{name: one-pair, task: generation, test_share: 0, source: {name: jsonl, path: '"
            + pair
            + "'}}");
    run =
        fixture.run(
            "odd",
            "ingest: {max_quarantine: 1, corpora: ["
                + String.join(", ", CORPORA)
                + "]}\n"
                + "features: {repeats: 1, folds: 2}",
            List.of("run.shards=1"),
            new IngestStep(),
            new FeaturesStep(),
            new DetectStep(),
            new DecideStep());
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void badRowsGoToQuarantineWithTheNumberThatIsWrong() {
    Map<Long, String> reasons = new TreeMap<>();
    for (Row row : of(Table.QUARANTINE, "messy").collectAsList()) {
      reasons.put(
          row.<Long>getAs("source_row"), row.getAs("code") + ": " + row.<String>getAs("reason"));
    }
    assertThat(reasons).containsOnlyKeys(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    assertThat(reasons.get(3L))
        .isEqualTo("wrong_probabilities: the probabilities sum to 1.002, not to 1");
    assertThat(reasons.get(4L))
        .isEqualTo("wrong_probabilities: the probabilities sum to 0.99, not to 1");
    assertThat(reasons.get(5L)).isEqualTo("wrong_probabilities: probability 1 is -0.2");
    assertThat(reasons.get(6L)).isEqualTo("wrong_probabilities: probability 0 is 1.2");
    assertThat(reasons.get(7L)).isEqualTo("wrong_probabilities: probability 0 is NaN");
    assertThat(reasons.get(8L))
        .contains("wrong_probabilities")
        .contains("length 3")
        .contains("it is 2");
    assertThat(reasons.get(9L)).isEqualTo("wrong_embedding: component 1 of the embedding is NaN");
    assertThat(reasons.get(10L))
        .contains("wrong_embedding")
        .contains("length 1")
        .contains("it is 2");
    assertThat(reasons.get(11L))
        .isEqualTo("wrong_embedding: every component of the embedding is 0");
    assertThat(reasons.get(12L))
        .startsWith("duplicate_id: the same id stands at")
        .endsWith("messy.jsonl:1");
  }

  @Test
  void aRoundingErrorOfASumIsDividedOut() {
    for (Row row : of(Table.PREDICTIONS, "messy").collectAsList()) {
      List<Float> p = row.getList(row.fieldIndex("probabilities"));
      assertThat(p.get(0) + p.get(1)).isCloseTo(1f, within(1e-6f));
    }
    assertThat(of(Table.PREDICTIONS, "messy").count()).isEqualTo(2);
  }

  @Test
  void aClassNobodyIsGivenOrPredictedKeepsItsPlaceAndIsNoReason() {
    assertThat(of(Table.CLASSES, "never-given").where("rows = 0 and class_name = 'c2'").count())
        .isEqualTo(1);
    for (String corpus : List.of("never-given", "rare")) {
      assertThat(
              accusing(corpus)
                  .where("detector not in ('area-under-margin', 'data-map')")
                  .where("kind != 'inconsistent_annotation'")
                  .groupBy("detector")
                  .count()
                  .collectAsList())
          .containsExactlyInAnyOrder(
              RowFactory.create("confident-learning", (long) ROWS),
              RowFactory.create("noise-transition", (long) ROWS),
              RowFactory.create("neighbour-credibility", (long) ROWS));
      // Vectors of three numbers that lie close do so by chance.
      assertThat(accusing(corpus).where("kind = 'inconsistent_annotation'").count()).isZero();
      assertThat(of(Table.FINDINGS, corpus).where("not (score >= 0 and score <= 1)").count())
          .isZero();
      assertThat(of(Table.FINDINGS, corpus).where("suggested_target in ('c2', 'never')").count())
          .isZero();
      assertThat(of(Table.CANARIES, corpus).where("target in ('c2', 'never')").count()).isZero();
    }
    assertThat(actions("never-given")).isEqualTo(Map.of("retain", (long) ROWS));
    assertThat(of(Table.PREDICTIONS, "rare").where("size(probabilities) = 4").count())
        .isEqualTo(ROWS);
  }

  @Test
  void ofOneClassOrOneRowNothingIsForgotten() {
    assertThat(actions("one-class")).isEqualTo(Map.of("retain", (long) ROWS));
    assertThat(accusing("one-class").where("score > 0.5").count()).isZero();
    assertThat(actions("one-row")).isEqualTo(Map.of("retain", 1L));
    assertThat(actions("one-row-untrained")).isEqualTo(Map.of("retain", 1L));
    assertThat(actions("one-pair")).isEqualTo(Map.of("retain", 1L));
    for (String corpus : List.of("one-class", "one-row", "one-row-untrained", "one-pair")) {
      assertThat(of(Table.CANARIES, corpus).count()).as(corpus).isZero();
    }
    assertThat(of(Table.PREDICTIONS, "one-row-untrained").count())
        .as("nobody can learn from no other row")
        .isZero();
  }

  @Test
  void allRowsMayBeForgottenAndTheSumStillHolds() {
    assertThat(actions("flagged")).isEqualTo(Map.of("forget", (long) ROWS));
    assertThat(of(Table.FORGET, "flagged").count()).isEqualTo(ROWS);
    assertThat(of(Table.RETAIN, "flagged").count()).isZero();
  }

  @Test
  void whatIsNotJudgedIsRetainedAndWhatIsNotThereIsNotDecided() {
    assertThat(actions("untested")).isEqualTo(Map.of("retain", (long) ROWS));
    assertThat(of(Table.FINDINGS, "untested").count()).isZero();
    assertThat(actions("emptied")).isEmpty();
    assertThat(of(Table.QUARANTINE, "emptied").count()).isEqualTo(1);
  }

  @Test
  void probabilitiesOfMoreClassesThanTargetsAskForTheClasses() throws IOException {
    Path file = Files.writeString(root.resolve("unlisted.jsonl"), row(0, "a", "[0.5, 0.5]"));
    String corpus =
        "{name: c, task: classification, "
            + GIVEN
            + ", source: {name: jsonl, path: '"
            + file
            + "'}}";
    assertThatThrownBy(
            () -> fixture.run("unlisted", "ingest: {corpora: [" + corpus + "]}", new IngestStep()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("2 probabilities a row and 1 different targets")
        .hasMessageContaining("list its classes");
  }

  /** Rows 1 and 2 are good, every other one is bad in its own way. */
  private static String messy() {
    return messy(1, "[0.5, 0.5]", "[1, 0]")
        + messy(2, "[0.2995, 0.7]", "[0, 1]")
        + messy(3, "[0.5, 0.502]", "[0, 1]")
        + messy(4, "[0.5, 0.49]", "[0, 1]")
        + messy(5, "[0.5, -0.2]", "[0, 1]")
        + messy(6, "[1.2, 0.0]", "[0, 1]")
        + messy(7, "[NaN, 0.5]", "[0, 1]")
        + messy(8, "[0.2, 0.3, 0.5]", "[0, 1]")
        + messy(9, "[0.5, 0.5]", "[0, NaN]")
        + messy(10, "[0.5, 0.5]", "[1]")
        + messy(11, "[0.5, 0.5]", "[0, 0]")
        + messy(1, "[0.5, 0.5]", "[1, 1]");
  }

  private static String messy(int id, String p, String v) {
    return "{\"id\": %d, \"input\": \"text %d\", \"target\": \"%s\", \"p\": %s, \"v\": %s}\n"
        .formatted(id, id, id % 2 == 1 ? "a" : "b", p, v);
  }

  private static String rows(
      java.util.function.IntFunction<String> target, java.util.function.IntFunction<String> p) {
    return IntStream.range(0, ROWS)
        .mapToObj(i -> row(i, target.apply(i), p == null ? null : p.apply(i)))
        .collect(Collectors.joining());
  }

  private static String row(int i, String target, String p) {
    return "{\"id\": %d, \"input\": \"text %d\", \"target\": \"%s\", %s\"v\": [%s, %s, 0.%02d]}\n"
        .formatted(
            i,
            i,
            target,
            p == null ? "" : "\"p\": " + p + ", ",
            target.endsWith("1") ? "0.1" : "1.0",
            target.endsWith("1") ? "1.0" : "0.1",
            i);
  }

  private static String p(int classes, int truth) {
    return IntStream.range(0, classes)
        .mapToObj(k -> k == truth ? String.valueOf(1 - (classes - 1) / 10.0) : "0.1")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static void corpus(String name, String settings, String rows) throws IOException {
    Path file = Files.writeString(root.resolve(name + ".jsonl"), rows);
    CORPORA.add(
        "{name: "
            + name
            + ", task: classification, "
            + (settings.contains("test_share") ? "" : "test_share: 0, ")
            + settings
            + ", source: {name: jsonl, path: '"
            + file
            + "'}}");
  }

  private static Dataset<Row> of(Table table, String corpus) {
    return run.table(table).where("corpus = '" + corpus + "'");
  }

  /** Findings that accuse a target; an outlier may well be labelled rightly. */
  private static Dataset<Row> accusing(String corpus) {
    return of(Table.FINDINGS, corpus).where(not(col("kind").isin(Observation.kinds().toArray())));
  }

  private static Map<String, Long> actions(String corpus) {
    Map<String, Long> actions = new TreeMap<>();
    for (Row row : of(Table.DECISIONS, corpus).groupBy("action").count().collectAsList()) {
      actions.put(row.getString(0), row.getLong(1));
    }
    return actions;
  }
}
