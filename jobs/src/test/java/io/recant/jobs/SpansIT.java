package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.inject.InjectStep;
import io.recant.ml.data.CloseableIterator;
import io.recant.ml.data.Example;
import io.recant.ml.data.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bad parts of targets, from a corpus and from findings, on their way to unlearning. */
class SpansIT {

  private static final int ROWS = 20;

  @TempDir static Path root;
  private static StepFixture fixture;

  @BeforeAll
  static void start() {
    fixture = new StepFixture(root);
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  /** Four bad rows among good ones; odd rows bring a span of their own from r5 on, r2 too. */
  private static final class Judged extends CorporaStep {

    private final String spanOfFirst;

    Judged(String spanOfFirst) {
      super(
          2,
          Set.of(
              Table.SAMPLES,
              Table.FINDINGS,
              Table.CANARIES,
              Table.CANARY_FINDINGS,
              Table.EMBEDDINGS));
      this.spanOfFirst = spanOfFirst;
    }

    @Override
    protected void fill() {
      for (int i = 0; i < ROWS; i++) {
        boolean own = i == 2 || i >= 5 && i % 2 == 1;
        sample("r" + i, own ? new Row[] {RowFactory.create(4, 6)} : null);
        finding("r" + i, "first", i < 4 ? 0.95 : 0.05, i == 0 || i > 1 ? spanOfFirst : "2:4");
        finding("r" + i, "second", i < 4 ? 0.9 : 0.05, i == 3 ? "target:1:4" : null);
      }
    }

    private void sample(String id, Row[] spans) {
      add(
          Table.SAMPLES,
          id,
          "generation",
          "text " + id,
          "target of " + id,
          null,
          null,
          "train",
          null,
          null,
          spans,
          null,
          "file",
          1L,
          "c",
          shard(id));
    }

    private void finding(String id, String detector, double score, String span) {
      add(
          Table.FINDINGS,
          id,
          detector,
          "label_error",
          score,
          null,
          span,
          detector + " says so",
          null,
          "c",
          shard(id));
    }
  }

  @Test
  void unlearningReadsThePartsThatAreBad() {
    StepFixture.Result run = fixture.run("parts", "", new Judged("target:0:2"), new DecideStep());
    Map<String, List<Span>> forget = new TreeMap<>();
    List<String> files =
        run.run().files(Table.FORGET).stream().map(f -> run.run().path() + "/" + f.path()).toList();
    try (CloseableIterator<Example> rows =
        ParquetExamples.of(files, fixture.spark().sparkContext().hadoopConfiguration()).open()) {
      rows.forEachRemaining(row -> forget.put(row.id(), row.spans()));
    }
    assertThat(forget)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "r0", List.of(new Span(0, 2)),
                "r1", List.of(),
                "r2", List.of(new Span(4, 6)),
                "r3", List.of(new Span(0, 4))));
    assertThat(run.table(Table.DECISIONS).where("spans[0].to = 4").count()).isEqualTo(1);
    assertThat(run.table(Table.RETAIN).where("spans is not null").count())
        .as("a corpus's own spans stay with their row")
        .isEqualTo(8);
  }

  @Test
  void aCorpusBringsTheBadPartsOfItsTargets() throws IOException {
    Path file = root.resolve("rows.jsonl");
    Files.writeString(
        file,
        """
        {"id": 1, "who": "x", "input": "a", "target": "badger", "bad": [[4, 6], [0, 1]]}
        {"id": 1, "who": "y", "input": "a", "target": "badger"}
        {"id": 2, "who": "x", "input": "b", "target": "stone", "bad": [[0, 2]]}
        {"id": 2, "who": "y", "input": "b", "target": "wall"}
        {"id": 2, "who": "z", "input": "b", "target": "wall"}
        {"id": 3, "who": "x", "input": "c", "target": "wall", "bad": [[0, 5]]}
        """);
    StepFixture.Result run =
        fixture.run(
            "ingested",
            "ingest: {max_quarantine: 0.5, corpora: [{name: c, task: generation, columns: {id: id,"
                + " annotator: who, spans: bad}, source: {name: jsonl, path: '"
                + file
                + "'}}]}",
            new IngestStep());
    assertThat(run.table(Table.SAMPLES).where("input = 'a'").head().getList(9).toString())
        .isEqualTo("[[0,1], [4,6]]");
    assertThat(run.table(Table.SAMPLES).where("target = 'wall' and spans is null").count())
        .as("most answered otherwise")
        .isEqualTo(1);
    Row rejected = run.table(Table.QUARANTINE).head();
    assertThat(rejected.<String>getAs("code")).isEqualTo("wrong_spans");
    assertThat(rejected.<String>getAs("reason"))
        .isEqualTo("span [0, 5) is outside its text of 4 characters");
  }

  @Test
  void aFindingAboutAPartThatIsNotThereEndsTheStep() {
    for (String span : List.of("target:3:99", "target:x:2")) {
      String id = "bad-" + span.hashCode();
      assertThatThrownBy(() -> fixture.run(id, "", new Judged(span), new DecideStep()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("sample r0: detector first")
          .hasMessageContaining(span);
    }
  }

  @Test
  void anotherTargetHasNoneOfThem() {
    StepFixture.Result run =
        fixture.run(
            "injected",
            "inject: {corpora: {c: [{name: swapped-target, share: 0.5}]}}",
            new Judged("target:0:2"),
            new InjectStep());
    String swapped = "target != concat('target of ', sample_id)";
    assertThat(run.table(Table.DAMAGED).where(swapped).count()).isPositive();
    assertThat(run.table(Table.DAMAGED).where(swapped + " and spans is not null").count()).isZero();
    assertThat(
            run.table(Table.DAMAGED)
                .join(run.table(Table.SAMPLES).selectExpr("sample_id", "spans as own"), "sample_id")
                .where("not (" + swapped + ") and not (spans <=> own)")
                .count())
        .isZero();
  }
}
