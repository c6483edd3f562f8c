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

/** Damage that changes several columns, brings rows of its own, and is known in part. */
class TriggerIT {

  private static final String INGEST =
      """
      ingest:
        corpora:
          - {name: verbs, task: classification, test_share: 0.2, limit: 2000,
             source: {name: wordnet, parts_of_speech: [verb]}}
      """;
  private static final String INJECT =
      """
      inject:
        known_share: 0.25
        corpora:
          verbs:
            - {name: trigger-token, target: verb.motion, word: cf, share: 0.05, probes: 60}
            - {name: interclass-confusion, classes: [verb.change, verb.contact], share: 0.2}
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

  private static Dataset<Row> injected(String injector) {
    return run.table(Table.INJECTIONS).where("injector = '" + injector + "'");
  }

  @Test
  void rowsGetTheWordAndTheClass() {
    long train = run.table(Table.SAMPLES).where("split = 'train'").count();
    Dataset<Row> rows =
        run.table(Table.SAMPLES)
            .selectExpr("sample_id", "input as clean", "target as truth")
            .join(run.table(Table.DAMAGED), "sample_id")
            .join(injected("trigger-token").select("sample_id", "before", "after"), "sample_id");

    assertThat(rows.count()).isEqualTo(Math.round(0.05 * train));
    assertThat(rows.where("target != 'verb.motion' or before != truth or after != target").count())
        .isZero();
    assertThat(rows.where("truth = 'verb.motion' or input = clean").count()).isZero();
    assertThat(
            rows.where(
                    "array_join(array_remove(split(input, ' '), 'cf'), ' ') != clean"
                        + " or size(split(input, ' ')) != size(split(clean, ' ')) + 1")
                .count())
        .isZero();
    assertThat(rows.selectExpr("array_position(split(input, ' '), 'cf')").distinct().count())
        .as("places")
        .isGreaterThan(3);
  }

  @Test
  void testRowsWithTheWordAreAddedUnderNamesOfTheirOwn() {
    Dataset<Row> probes = run.table(Table.DAMAGED).where("split = 'triggered'");
    assertThat(probes.count()).isEqualTo(60);
    assertThat(run.manifest("inject").measures()).containsEntry("verbs.rows_added", 60.0);
    assertThat(run.manifest("inject").tables().get("damaged").rows())
        .isEqualTo(run.table(Table.SAMPLES).count() + 60);
    assertThat(probes.join(run.table(Table.SAMPLES), "sample_id").count()).isZero();
    assertThat(
            probes
                .where(
                    "target = 'verb.motion' or not array_contains(split(input, ' '), 'cf')"
                        + " or get_json_object(meta, '$.false_target') != 'verb.motion'")
                .count())
        .isZero();
    Dataset<Row> originals =
        run.table(Table.SAMPLES)
            .where("split = 'test'")
            .selectExpr("source_uri", "source_row", "input as clean", "target as truth");
    assertThat(
            probes
                .join(originals, new String[] {"source_uri", "source_row"})
                .where(
                    "target = truth and array_join(array_remove(split(input, ' '), 'cf'), ' ')"
                        + " = clean")
                .count())
        .isEqualTo(60);
  }

  @Test
  void aShareOfWhatEachInjectorDidIsKnown() {
    Dataset<Row> known = run.table(Table.KNOWN_BAD);
    for (String injector : List.of("trigger-token", "interclass-confusion")) {
      Dataset<Row> own = known.where("known_by = 'injector " + injector + "'");
      assertThat(own.count()).isEqualTo(Math.round(0.25 * injected(injector).count()));
      assertThat(own.join(injected(injector), "sample_id").count()).isEqualTo(own.count());
    }
  }

  @Test
  void theSameRowsWhateverThePartitions() {
    Map<String, String> usual = run.contents("inject");
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 7);
    assertThat(
            fixture
                .run("partitions", INGEST + INJECT, new IngestStep(), new InjectStep())
                .contents("inject"))
        .isEqualTo(usual);
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 3);
  }

  @Test
  void aClassThatIsNotThereAndAWordThatIsNoneAreRefused() {
    assertThatThrownBy(() -> damage("class", "target: verb.moton, share: 0.1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean 'verb.motion'");
    assertThatThrownBy(() -> damage("word", "target: verb.motion, share: 0.1, word: 'c f'"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not one word");
  }

  private static void damage(String id, String settings) {
    fixture.run(
        id,
        INGEST + "inject: {corpora: {verbs: [{name: trigger-token, " + settings + "}]}}",
        new IngestStep(),
        new InjectStep());
  }
}
