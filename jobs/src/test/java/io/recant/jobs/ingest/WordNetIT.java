package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordNetIT {

  private static final String CONFIG =
      """
      ingest:
        corpora:
          - {name: supersense, task: classification, source: wordnet}
          - name: definitions
            task: generation
            source: {name: wordnet, form: definitions, parts_of_speech: [noun]}
            limit: 2500
      """;

  @TempDir static Path root;
  private static StepFixture fixture;
  private static StepFixture.Result run;

  @BeforeAll
  static void ingest() {
    fixture = new StepFixture(root);
    run = fixture.run("wordnet", CONFIG, new IngestStep());
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void hasEverySynsetOnceAndNothingElse() {
    assertThat(run.table(Table.SAMPLES).where("corpus = 'supersense'").count()).isEqualTo(117_791);
    assertThat(run.table(Table.SAMPLES).select("sample_id").distinct().count())
        .isEqualTo(117_791 + 2_500);
    assertThat(run.table(Table.QUARANTINE).count()).isZero();
  }

  @Test
  void hasTheClassesOfTheLexicographers() {
    List<Row> classes =
        run.table(Table.CLASSES)
            .where("corpus = 'supersense'")
            .orderBy("class_index")
            .collectAsList();
    assertThat(classes).hasSize(45);
    assertThat(classes.stream().map(row -> row.<String>getAs("class_name")))
        .containsExactlyElementsOf(LexicographerFiles.NAMES.stream().sorted().toList());
    assertThat(classes.stream().mapToLong(row -> row.<Long>getAs("rows")).sum())
        .isEqualTo(
            run.table(Table.SAMPLES).where("corpus = 'supersense' and split = 'train'").count());
  }

  @Test
  void setsAsideATenthForTest() {
    double share =
        run.table(Table.SAMPLES).where("corpus = 'supersense' and split = 'test'").count()
            / 117_791.0;
    assertThat(share).isBetween(0.095, 0.105);
  }

  @Test
  void definesEachWordOnceAndKeepsItsClass() {
    var definitions = run.table(Table.SAMPLES).where("corpus = 'definitions'");
    assertThat(definitions.select("input").distinct().count()).isEqualTo(2_500);
    assertThat(definitions.where("get_json_object(meta, '$.class') like 'noun.%'").count())
        .isEqualTo(2_500);
    assertThat(definitions.where("contains(input, '_')").count()).isZero();
  }

  @Test
  void countsWhatLimitLeftOut() {
    assertThat(run.manifest("ingest").measures())
        .containsEntry("rows_merged", 0.0)
        .hasEntrySatisfying("rows_not_drawn", n -> assertThat(n).isGreaterThan(50_000));
  }
}
