package io.recant.jobs.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.ingest.IngestStep;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InjectStepIT {

  private static final String INGEST =
      """
      ingest:
        corpora:
          - {name: supersense, task: classification, source: {name: wordnet, parts_of_speech: [verb, adv]}}
          - name: definitions
            task: generation
            source: {name: wordnet, form: definitions, parts_of_speech: [verb]}
            limit: 1500
      """;
  private static final String INJECT =
      """
      inject:
        corpora:
          supersense:
            - {name: interclass-confusion, classes: [verb.motion, verb.change], share: 0.3}
            - {name: class-frequency-labels, share: 0.06}
            - {name: confusable-labels, share: 0.05}
          definitions:
            - {name: swapped-target, share: 0.1, same: meta.class}
      """;

  @TempDir static Path root;
  private static StepFixture fixture;
  private static StepFixture.Result run;

  @BeforeAll
  static void inject() {
    fixture = new StepFixture(root);
    run = fixture.run("usual", INGEST + INJECT, new IngestStep(), new InjectStep());
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void damagesTheSameRowsWhateverThePartitions() {
    Map<String, String> usual = run.contents("inject");
    for (int partitions : new int[] {1, 7}) {
      fixture.spark().conf().set("spark.sql.shuffle.partitions", partitions);
      StepFixture.Result again =
          fixture.run(
              "partitions" + partitions, INGEST + INJECT, new IngestStep(), new InjectStep());
      assertThat(again.contents("ingest")).isEqualTo(run.contents("ingest"));
      assertThat(again.contents("inject")).isEqualTo(usual);
    }
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 3);
  }

  @Test
  void anotherSeedDamagesOtherRows() {
    StepFixture.Result other =
        fixture.run(
            "seed", INGEST + INJECT, List.of("run.seed=7"), new IngestStep(), new InjectStep());
    assertThat(other.contents("inject").get("injections"))
        .isNotEqualTo(run.contents("inject").get("injections"));
  }

  @Test
  void damagesExactlyTheShareOfTrainRows() {
    Dataset<Row> train =
        run.table(Table.SAMPLES).where("split = 'train' and corpus = 'supersense'");
    long animals = Math.round(0.3 * train.where("target = 'verb.motion'").count());
    long plants = Math.round(0.3 * train.where("target = 'verb.change'").count());
    assertThat(damaged("interclass-confusion").where("before = 'verb.motion'").count())
        .isEqualTo(animals);
    assertThat(damaged("interclass-confusion").where("after = 'verb.motion'").count())
        .isEqualTo(plants);
    long left = train.count() - animals - plants;
    assertThat(damaged("class-frequency-labels").count()).isEqualTo(Math.round(0.06 * left));
  }

  @Test
  void changesNothingButWhatItWritesDown() {
    Dataset<Row> before = run.table(Table.SAMPLES);
    Dataset<Row> after = run.table(Table.DAMAGED);
    Dataset<Row> injections = run.table(Table.INJECTIONS);
    assertThat(after.except(before).count()).isEqualTo(injections.count());
    assertThat(
            after
                .join(injections.select("sample_id", "before", "after"), "sample_id")
                .where("target = after and before != after")
                .drop("after")
                .withColumn("target", org.apache.spark.sql.functions.col("before"))
                .drop("before")
                .except(before)
                .count())
        .isZero();
    assertThat(after.drop("target").except(before.drop("target")).count()).isZero();
    assertThat(after.count()).isEqualTo(before.count());
    assertThat(injections.join(before.where("split != 'train'"), "sample_id").count()).isZero();
    assertThat(injections.select("sample_id").distinct().count()).isEqualTo(injections.count());
  }

  @Test
  void swapsAmongTheSameClassOnly() {
    Dataset<Row> definitions =
        run.table(Table.SAMPLES)
            .where("corpus = 'definitions'")
            .selectExpr("sample_id", "target", "get_json_object(meta, '$.class') as class");
    Dataset<Row> swapped = damaged("swapped-target");
    long train =
        run.table(Table.SAMPLES).where("corpus = 'definitions' and split = 'train'").count();
    assertThat(swapped.count()).isBetween(Math.round(0.08 * train), Math.round(0.1 * train));
    assertThat(
            swapped
                .join(definitions.drop("target"), "sample_id")
                .join(definitions.selectExpr("target as after", "class as giver_class"), "after")
                .where("class = giver_class")
                .select("sample_id")
                .distinct()
                .count())
        .isEqualTo(swapped.count());
  }

  @Test
  void confusesClassesThatTalkAboutTheSameThings() {
    Dataset<Row> confused = damaged("confusable-labels");
    long samePartOfSpeech =
        confused.where("substring_index(before, '.', 1) = substring_index(after, '.', 1)").count();
    assertThat((double) samePartOfSpeech / confused.count()).isGreaterThan(0.6);
  }

  @Test
  void namesTheNearestCorpusAndClass() {
    assertThatThrownBy(() -> injectOnly("inject: {corpora: {supersence: []}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean 'supersense'");
    assertThatThrownBy(
            () ->
                injectOnly(
                    "inject: {corpora: {supersense: [{name: interclass-confusion,"
                        + " classes: [verb.motion, verb.changes], share: 0.1}]}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean 'verb.change'");
  }

  /**
   * Injects into a run whose corpora are there once it was called: an injection that is refused is
   * not committed.
   */
  private static void injectOnly(String section) {
    fixture.run("refused", INGEST + section, new IngestStep(), new InjectStep());
  }

  private static Dataset<Row> damaged(String injector) {
    return run.table(Table.INJECTIONS).where("injector = '" + injector + "'");
  }
}
