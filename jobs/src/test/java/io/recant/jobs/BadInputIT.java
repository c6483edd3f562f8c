package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.detect.DetectStep;
import io.recant.jobs.features.FeaturesStep;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Odd corpora, from files to verdicts: each has the answer that conf/README.md promises. */
class BadInputIT {

  private static final String GIVEN = "columns: {id: id, probabilities: p, embedding: v}, ";
  private static final String VECTORS = "columns: {id: id, embedding: v}, ";

  @TempDir static Path root;
  private static StepFixture fixture;

  @BeforeAll
  static void start() {
    fixture = new StepFixture(root.resolve("runs"));
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void aClassThatNobodyIsGivenIsNeverSuggestedAgainstTheEvidence() throws IOException {
    Corpus corpus = new Corpus();
    for (int i = 0; i < 60; i++) {
      int k = i % 2;
      corpus.row("r" + i, "class " + (i == 7 ? 1 - k : k), p(3, k), vector(i, k));
    }
    Result run =
        verdicts("never-given", corpus, GIVEN + "classes: [class 0, class 1, class 2], ");
    assertThat(actions(run).values().stream().mapToLong(x -> x).sum()).isEqualTo(60);
  }

  @Test
  void oneRow() throws IOException {
    assertThat(actions(verdicts("one-given", new Corpus().row("a", "x", List.of(1.0), vector(0, 0)), GIVEN)))
        .isEqualTo(Map.of("retain", 1L));
  }

  @Test
  void oneRowUntrained() throws IOException {
    assertThat(actions(verdicts("one-untrained", new Corpus().row("a", "x", null, vector(0, 0)), VECTORS)))
        .isEqualTo(Map.of("retain", 1L));
  }

  @Test
  void oneClassUntrained() throws IOException {
    Corpus corpus = new Corpus();
    for (int i = 0; i < 30; i++) {
      corpus.row("r" + i, "x", null, vector(i, 0));
    }
    assertThat(actions(verdicts("one-class", corpus, VECTORS))).isEqualTo(Map.of("retain", 30L));
  }

  @Test
  void neverPredictedUntrained() throws IOException {
    Corpus corpus = new Corpus();
    for (int i = 0; i < 40; i++) {
      corpus.row("r" + i, i == 3 ? "rare" : "class " + i % 2, null, vector(i, i % 2));
    }
    Result run = verdicts("rare", corpus, VECTORS + "classes: [class 0, class 1, rare, never], ");
    assertThat(actions(run).values().stream().mapToLong(x -> x).sum()).isEqualTo(40);
  }

  @Test
  void allFlagged() throws IOException {
    Corpus corpus = new Corpus();
    for (int i = 0; i < 40; i++) {
      corpus.row("r" + i, "class " + i % 2, p(2, 1 - i % 2), vector(i, 1 - i % 2));
    }
    System.out.println("ALLFLAGGED " + actions(verdicts("all", corpus, GIVEN)));
  }

  @Test
  void onePair() throws IOException {
    Path file = root.resolve("pair.jsonl");
    Files.writeString(file, "{\"input\": \"who\", \"target\": \"me\"}\n");
    Result run =
        fixture.run(
            "pair",
            "ingest: {corpora: [{name: c, task: generation, test_share: 0, source: {name: jsonl, path: '" + file + "'}}]}",
            new IngestStep(), new FeaturesStep(), new DetectStep(), new DecideStep());
    assertThat(actions(run)).isEqualTo(Map.of("retain", 1L));
  }

  @Test
  void nothingLeft() throws IOException {
    Path file = root.resolve("nothing.jsonl");
    Files.writeString(file, "{\"input\": \"who\"}\n");
    Result run =
        fixture.run(
            "nothing",
            "ingest: {max_quarantine: 1, corpora: [{name: c, task: generation, test_share: 0, source: {name: jsonl, path: '" + file + "'}}]}",
            new IngestStep(), new FeaturesStep(), new DetectStep(), new DecideStep());
    assertThat(actions(run)).isEmpty();
  }

  @Test
  void allTest() throws IOException {
    Corpus corpus = new Corpus();
    for (int i = 0; i < 10; i++) {
      corpus.row("r" + i, "class " + i % 2, null, vector(i, i % 2));
    }
    assertThat(actions(verdicts("alltest", corpus, "columns: {id: id, embedding: v}, test_share: 1, ")))
        .isEqualTo(Map.of("retain", 10L));
  }

  private Result verdicts(String id, Corpus corpus, String settings) throws IOException {
    Path file = Files.writeString(root.resolve(id + ".jsonl"), corpus.text.toString());
    return fixture.run(
        id,
        "ingest: {max_quarantine: 1, corpora: [{name: c, task: classification, "
            + (settings.contains("test_share") ? "" : "test_share: 0, ")
            + settings
            + "source: {name: jsonl, path: '"
            + file
            + "'}}]}",
        new IngestStep(),
        new FeaturesStep(),
        new DetectStep(),
        new DecideStep());
  }

  private static Map<String, Long> actions(Result run) {
    Map<String, Long> actions = new TreeMap<>();
    for (Row row : run.table(Table.DECISIONS).groupBy("action").count().collectAsList()) {
      actions.put(row.getString(0), row.getLong(1));
    }
    return actions;
  }

  private static List<Double> p(int classes, int truth) {
    return java.util.stream.IntStream.range(0, classes)
        .mapToObj(k -> k == truth ? 1 - 0.1 * (classes - 1) : 0.1)
        .toList();
  }

  private static List<Double> vector(int i, int k) {
    return List.of(k == 0 ? 1.0 : 0.1, k == 0 ? 0.1 : 1.0, 0.01 * (i % 10), 0.001 * i);
  }

  private static final class Corpus {
    final StringBuilder text = new StringBuilder();

    Corpus row(String id, String target, List<Double> p, List<Double> v) {
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      row.put("id", id).put("input", "text " + id).put("target", target);
      if (p != null) {
        ArrayNode array = row.putArray("p");
        p.forEach(array::add);
      }
      ArrayNode array = row.putArray("v");
      v.forEach(array::add);
      text.append(row).append('\n');
      return this;
    }
  }
}
