package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.StepFixture.Result;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that contradict each other, from files to findings. */
class InconsistencyIT {

  private static final String LONG =
      "The quick brown fox jumps over the lazy dog while the old grey cat looks on from the wall";

  @TempDir static Path root;
  private static StepFixture fixture;

  @BeforeAll
  static void start() {
    fixture = new StepFixture(root.resolve("runs"));
    fixture.spark().conf().set("spark.sql.codegen.wholeStage", false);
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void duplicatesThatDisagreeNameEachOther() throws IOException {
    StringBuilder rows = new StringBuilder();
    rows.append(row("one", LONG, "a")).append(row("two", "  " + LONG.toUpperCase() + "\n", "b"));
    rows.append(row("near", LONG.replace("quick", "quikc"), "a"));
    rows.append(row("alike", LONG.replace("cat", "dog and the old brown hen"), "b"));
    rows.append(
        row("year", "He was born in the small town of Ulm in 1879 and went to school", "a"));
    rows.append(
        row("other", "He was born in the small town of Ulm in 1880 and went to school", "b"));
    rows.append(row("same", "an equal text", "a")).append(row("again", "an equal text", "a"));
    for (int i = 0; i < 6; i++) {
      rows.append(
          row("alone" + i, "nothing like it, number " + i + ", is here", i % 2 == 0 ? "a" : "b"));
    }
    Map<String, Row> found = findings(run("texts", "classification", rows.toString(), ""));

    assertThat(found.keySet()).containsExactlyInAnyOrder("one", "two", "near");
    assertThat(found.get("two").<Double>getAs("score")).isGreaterThan(0.6);
    assertThat(found.get("two").<String>getAs("suggested_target")).isEqualTo("a");
    assertThat(found.get("one").<Double>getAs("score")).isLessThan(0.4);
    assertThat(found.get("one").<String>getAs("suggested_target")).isNull();
    assertThat(found.get("one").<String>getAs("other_name")).isEqualTo("two");
    assertThat(found.get("one").<String>getAs("reason"))
        .contains("has the same input and says b; given a; of 3 such rows");
    assertThat(found.get("near").<String>getAs("reason")).contains("nearly the same input (0.8");
    assertThat(found.get("near").<String>getAs("kind")).isEqualTo("inconsistent_annotation");
  }

  @Test
  void onePromptWithTwoAnswersIsInconsistentAndOneWithAnotherContextIsNot() throws IOException {
    String rows =
        row("x", "Who wrote it?", "Ann Bell", "context", "the first book")
            + row("y", "Who wrote it?", "Carl Dow", "context", "the first book")
            + row("z", "who wrote  it?", "carl dow", "context", "The first book")
            + row("w", "Who wrote it?", "Eve Fox", "context", "another one altogether, and longer");
    Map<String, Row> found = findings(run("prompts", "generation", rows, ""));

    assertThat(found.keySet()).containsExactlyInAnyOrder("x", "y", "z");
    assertThat(found.get("x").<Double>getAs("score")).isCloseTo(2.0 / 3, within(1e-9));
    assertThat(found.get("x").<String>getAs("suggested_target")).isIn("Carl Dow", "carl dow");
    assertThat(found.get("z").<Double>getAs("score")).isCloseTo(1.0 / 3, within(1e-9));
  }

  @Test
  void equalVectorsMakeDuplicatesOfDifferentInputs() throws IOException {
    String rows =
        row("p", "picture 1", "a", "v", "[1, 2]")
            + row("q", "picture 2", "b", "v", "[1, 2]")
            + row("r", "picture 3", "b", "v", "[2, 1]");
    Map<String, Row> found =
        findings(run("vectors", "classification", rows, "columns: {embedding: v},"));

    assertThat(found.keySet()).containsExactlyInAnyOrder("p", "q");
  }

  @Test
  void aCrowdOfOneTextAndACrowdOfLikeTextsAreJudged() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      rows.append(row("same" + i, LONG, i % 10 == 0 ? "b" : "a"));
      String word = "" + (char) ('a' + i % 26) + (char) ('a' + i / 26);
      rows.append(row("like" + i, LONG.replace("fox", word) + " as before", i == 7 ? "b" : "a"));
    }
    Result run = run("crowd", "classification", rows.toString(), "");
    Map<String, Row> found = findings(run);

    assertThat(found.get("same10").<Double>getAs("score")).isGreaterThan(0.85);
    assertThat(found.get("same11").<Double>getAs("score")).isLessThan(0.15);
    assertThat(found.get("like7").<Double>getAs("score")).isGreaterThan(0.85);
    assertThat(found.get("like7").<String>getAs("suggested_target")).isEqualTo("a");
  }

  @Test
  void howRowsArePartitionedChangesNothing() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      rows.append(row("r" + i, LONG + " " + (char) ('a' + i % 20), "class " + i % 3));
    }
    String first =
        run("three", "classification", rows.toString(), "").contents("detect").toString();
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 7);
    String second =
        run("seven", "classification", rows.toString(), "").contents("detect").toString();
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 3);

    assertThat(second).isEqualTo(first);
  }

  @Test
  void aFactOfOneDocumentIsMissedInItsTwinAndAnInverseWithinOne() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      rows.append(document(i));
    }
    for (int i = 0; i < 6; i++) {
      String fact = i == 3 ? "" : fact("Turin", "in", "Italy");
      rows.append(
          row("town" + i, "Turin , a town of Italy , text " + i + " of it", "[" + fact + "]"));
    }
    rows.append(row("none", "Turin and nothing else", "[]"));
    Map<String, Row> found = findings(run("facts", "generation", rows.toString(), ""));

    assertThat(found.keySet())
        .containsExactlyInAnyOrder(
            "town3",
            "family4",
            "family24",
            "family44",
            "family64",
            "family84",
            "family14",
            "family34",
            "family54",
            "family74",
            "family94");
    Row family = found.get("family4");
    assertThat(family.<String>getAs("reason"))
        .startsWith("child(Child4, Parent4) is missing")
        .contains("states parent(Parent4, Child4), which goes with it in 90 of 95 cases");
    assertThat(family.<Double>getAs("score")).isBetween(0.7, 0.95);
    assertThat(family.<String>getAs("suggested_target"))
        .contains("{\"head\":\"Child4\",\"relation\":\"child\",\"tail\":\"Parent4\"}");
    assertThat(family.<String>getAs("span")).isEqualTo("19:25");
    Row town = found.get("town3");
    assertThat(town.<String>getAs("other_name")).startsWith("town");
    assertThat(town.<String>getAs("span")).isEqualTo("0:5");
    assertThat(town.<String>getAs("reason"))
        .contains("in(Turin, Italy)")
        .contains("as do 5 of 5 other documents that mention both");
  }

  @Test
  void targetsThatAreNoFactsAreNotJudgedForMissingOnes() throws IOException {
    String rows = row("a", "one", "[1, 2]") + row("b", "two", "text") + row("c", "three", "[]");
    Result run = run("nofacts", "generation", rows, "");

    assertThat(run.table(Table.FINDINGS).count()).isZero();
  }

  /** Parent and child know each other but in every tenth document, where one of the two does. */
  private static String document(int i) {
    String parent = fact("Parent" + i, "parent", "Child" + i);
    String child = fact("Child" + i, "child", "Parent" + i);
    String facts = i % 20 == 4 ? parent : i % 20 == 14 ? child : parent + ", " + child;
    return row("family" + i, "Parent" + i + " is named , Child" + i + " too", "[" + facts + "]");
  }

  private static String fact(String head, String relation, String tail) {
    return "{\"head\": \"%s\", \"relation\": \"%s\", \"tail\": \"%s\"}"
        .formatted(head, relation, tail);
  }

  private static String row(String id, String input, String target, String... more) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("name", id).put("input", input).put("target", target);
    for (int i = 0; i < more.length; i += 2) {
      row.put(more[i], more[i + 1]);
    }
    return row + "\n";
  }

  private static Result run(String id, String task, String rows, String columns)
      throws IOException {
    Path file = Files.writeString(root.resolve(id + ".jsonl"), rows);
    return fixture.run(
        id,
        "ingest: {corpora: [{name: c, task: "
            + task
            + ", test_share: 0, "
            + columns
            + " source: {name: jsonl, path: '"
            + file
            + "'}}]}\ndetect: {detectors: ["
            + (task.equals("generation") && rows.contains("[")
                ? "missing-facts"
                : "duplicate-input")
            + "]}",
        List.of("run.shards=1"),
        new IngestStep(),
        new DetectStep());
  }

  /** By the row's name; {@code other_name} is the name of the row that evidence names. */
  private static Map<String, Row> findings(Result run) {
    Dataset<Row> names =
        run.table(Table.SAMPLES).selectExpr("sample_id", "get_json_object(meta, '$.name') as name");
    Map<String, Row> found = new HashMap<>();
    run.table(Table.FINDINGS)
        .withColumn(
            "other", org.apache.spark.sql.functions.expr("get_json_object(evidence, '$.other')"))
        .join(names, "sample_id")
        .join(names.toDF("other", "other_name"), "other", "left")
        .collectAsList()
        .forEach(row -> found.put(row.getAs("name"), row));
    return found;
  }
}
