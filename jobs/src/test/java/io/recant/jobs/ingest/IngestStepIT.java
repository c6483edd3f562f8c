package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of rows, wherever they come from. */
class IngestStepIT {

  @TempDir static Path root;
  private static IngestFixture ingest;

  @BeforeAll
  static void start() throws IOException {
    ingest = new IngestFixture(root);
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void answersOfSeveralAnnotatorsAreOneSample() throws IOException {
    Path file =
        ingest.write(
            "answers.jsonl",
            IngestFixture.answer(1, "x", "ann", "b")
                + IngestFixture.answer(1, "x", "bob", "a")
                + IngestFixture.answer(2, "y", "ann", "b")
                + IngestFixture.answer(1, "x", "eve", "b")
                + IngestFixture.answer(1, "x", "ann", "a")
                + IngestFixture.answer(1, "other", "joe", "a")
                + IngestFixture.answer(2, "y", "bob", "a")
                + "{\"id\": 3, \"input\": \"z\", \"target\": \"a\"}\n");
    Result run =
        ingest.run(
            "answers",
            "max_quarantine: 1",
            "{name: c, task: classification, columns: {id: id, annotator: who},"
                + " source: {name: jsonl, path: '"
                + file
                + "'}}");
    assertThat(
            run.table(Table.SAMPLES)
                .orderBy("input")
                .selectExpr("concat(input, target)")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .as("the majority, of equally many the smallest")
        .containsExactly("xb", "ya");
    assertThat(run.table(Table.ANNOTATIONS).selectExpr("concat(annotator, answer)").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder("annb", "boba", "eveb", "annb", "boba");
    assertThat(IngestFixture.quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(
                Map.of(
                    5L, "duplicate_annotation",
                    6L, "conflicting_input",
                    8L, "missing_annotator")));
    assertThat(run.manifest("ingest").measures())
        .containsEntry("rows_read", 8.0)
        .containsEntry("rows_merged", 3.0);
  }

  @Test
  void equalRowsWithoutAnIdAreSamplesEach() throws IOException {
    String row = "{\"input\": \"same\", \"target\": \"a\"}\n";
    Path file =
        ingest.write("equal.jsonl", row.repeat(3) + "{\"input\": \"b\", \"target\": \"a\"}\n");
    Result run = ingest.run("equal", "max_quarantine: 0", IngestFixture.corpus("jsonl", file, ""));
    assertThat(run.table(Table.SAMPLES).select("sample_id").distinct().count()).isEqualTo(4);
    assertThat(run.table(Table.SAMPLES).where("input = 'same'").select("split").distinct().count())
        .as("equal rows never stand on both sides of the split")
        .isEqualTo(1);
  }

  @Test
  void aStatedSplitCountsAndALimitDrawsTheSameRows() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      text.append(
          "{\"id\": %d, \"input\": \"i%d\", \"target\": \"t\", \"split\": %s}\n"
              .formatted(i, i, i < 40 ? "\"dev\"" : "null"));
    }
    Path file = ingest.write("split.jsonl", text.toString());
    Result all = ingest.run("all", "", IngestFixture.corpus("jsonl", file, ", test_share: 0.25"));
    Result drawn =
        ingest.run(
            "drawn", "", IngestFixture.corpus("jsonl", file, ", test_share: 0.25, limit: 90"));
    assertThat(all.table(Table.SAMPLES).where("split = 'dev'").count()).isEqualTo(40);
    assertThat(all.table(Table.SAMPLES).where("split = 'test'").count()).isBetween(60L, 120L);
    assertThat(drawn.table(Table.SAMPLES).count()).isEqualTo(90);
    assertThat(drawn.table(Table.SAMPLES).except(all.table(Table.SAMPLES)).count()).isZero();
    assertThat(drawn.manifest("ingest").measures()).containsEntry("rows_not_drawn", 310.0);
  }

  @Test
  void theSameRowsComeOfAnyNumberOfPartitions() throws IOException {
    for (int part = 0; part < 5; part++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        text.append(
            i == 50
                ? "nonsense\n"
                : IngestFixture.answer(i, "input" + i, "annotator" + part, "t" + part % 2));
      }
      ingest.write("same/" + part + ".jsonl", text.toString());
    }
    String corpus =
        "{name: c, task: classification, limit: 60, columns: {id: id, annotator: who},"
            + " source: {name: jsonl, path: '"
            + ingest.files().resolve("same")
            + "'}}";
    List<Map<String, String>> contents = new ArrayList<>();
    for (int partitions : new int[] {1, 3, 7}) {
      ingest.steps().spark().conf().set("spark.sql.shuffle.partitions", partitions);
      contents.add(ingest.run("same" + partitions, "", corpus).contents("ingest"));
    }
    ingest.steps().spark().conf().set("spark.sql.shuffle.partitions", 3);
    assertThat(contents.get(1)).isEqualTo(contents.get(0));
    assertThat(contents.get(2)).isEqualTo(contents.get(0));
    assertThat(contents.get(0).get("samples")).startsWith("60/");
    assertThat(contents.get(0).get("annotations")).startsWith("300/");
    assertThat(contents.get(0).get("quarantine")).startsWith("5/");
  }
}
