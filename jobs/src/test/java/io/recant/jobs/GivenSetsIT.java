package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestConfig;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A forget set and a retain set that are files of their own. */
class GivenSetsIT {

  @TempDir static Path root;
  private static StepFixture steps;

  @BeforeAll
  static void start() throws IOException {
    steps = new StepFixture(root.resolve("runs"));
    Files.writeString(
        root.resolve("forget.jsonl"), row("a") + row("b") + "{\"input\": \"c\", broken\n");
    Files.writeString(
        root.resolve("retain.jsonl"), row("d") + "{\"input\":\"e\",\"target\":\"e\",\"set\":1}\n");
    Files.writeString(root.resolve("more.jsonl"), row("f"));
    Files.writeString(root.resolve("probe.csv"), "input,target\ng,h\n");
  }

  @AfterAll
  static void stop() {
    steps.close();
  }

  @Test
  void everyRowGoesWhereItsFileSays() {
    StepFixture.Result run = run("given", "forget");
    assertThat(actions(run))
        .as("f has no verdict and nobody to judge it, g is of a split that is not judged")
        .containsExactly("a forget", "b forget", "d retain", "f retain", "g retain");
    assertThat(reasons(run, "a")).containsExactly("given: meta.set is forget");
    assertThat(reasons(run, "f")).containsExactly("no detector has judged this corpus");
    assertThat(reasons(run, "g")).containsExactly("split probe is not judged");
    List<Row> forgotten = run.table(Table.FORGET).where("input = 'a'").collectAsList();
    assertThat(forgotten).hasSize(1);
    assertThat(forgotten.get(0).<Double>getAs("p_bad")).as("nobody has weighed it").isNull();
  }

  @Test
  void rowsThatCannotTakeTheColumnAreQuarantinedAsTheyStood() {
    assertThat(
            run("quarantine", "forget")
                .table(Table.QUARANTINE)
                .orderBy("source_uri")
                .selectExpr("concat(code, ' ', source_row, ' ', decode(raw, 'UTF-8'))")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly(
            "malformed 3 {\"input\": \"c\", broken",
            "malformed 2 {\"input\":\"e\",\"target\":\"e\",\"set\":1}");
  }

  @Test
  void aVerdictThatIsNoneSaysWhere() {
    assertThatThrownBy(() -> run("wrong", "forgotten"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("meta.set is 'forgotten' in")
        .hasMessageContaining("forget.jsonl:")
        .hasMessageContaining("[forget, retain, review]");
  }

  @Test
  void aPartIsCheckedWithTheConfiguration() {
    for (Map.Entry<String, String> wrong :
        Map.of("{source: {name: jsonl, pth: x}}", "pth", "", "parts: there has to be one")
            .entrySet()) {
      IngestConfig config =
          SettingsBinder.bind(
              SampleSettings.yaml(
                  "corpora: [{name: c, task: generation, source: {name: union, parts: ["
                      + wrong.getKey()
                      + "]}}]"),
              IngestConfig.class,
              "ingest");
      assertThatThrownBy(() -> new IngestStep().check(config))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining(wrong.getValue());
    }
  }

  private static StepFixture.Result run(String id, String verdict) {
    String sections =
        """
        ingest:
          max_quarantine: 1
          corpora:
            - name: c
              task: generation
              test_share: 0
              source:
                name: union
                parts:
                  - {source: {name: jsonl, path: '%1$s/forget.jsonl'}, add: {set: %2$s}}
                  - {source: {name: jsonl, path: '%1$s/retain.jsonl'}, add: {set: retain}}
                  - {source: {name: jsonl, path: '%1$s/more.jsonl'}}
                  - {source: {name: csv, path: '%1$s/probe.csv'}, add: {split: probe}}
        decide: {given: meta.set}
        """
            .formatted(root, verdict);
    return steps.run(id, sections, new IngestStep(), new DecideStep());
  }

  private static List<String> actions(StepFixture.Result run) {
    return run
        .table(Table.FORGET)
        .select("input", "action")
        .union(run.table(Table.RETAIN).select("input", "action"))
        .orderBy("input")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0) + " " + row.getString(1))
        .toList();
  }

  private static List<String> reasons(StepFixture.Result run, String input) {
    return run.table(Table.FORGET)
        .select("input", "reasons")
        .union(run.table(Table.RETAIN).select("input", "reasons"))
        .where("input = '" + input + "'")
        .first()
        .getList(1);
  }

  private static String row(String text) {
    return "{\"input\": \"%1$s\", \"target\": \"%1$s\"}\n".formatted(text);
  }
}
