package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who brings a clue names rows by a column of theirs, or in a file. */
class KnownBadIT {

  @TempDir static Path root;
  private static StepFixture fixture;

  @BeforeAll
  static void write() throws IOException {
    fixture = new StepFixture(root.resolve("runs"));
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      String flag = i == 3 || i == 5 ? "\"Yes\"" : i == 7 ? "true" : i == 8 ? "\"no\"" : "null";
      rows.append(
          "{\"id\": \"r%d\", \"input\": \"text %d\", \"target\": \"c%d\", \"flag\": %s, \"note\": \"maybe\"}%n"
              .formatted(i, i, i % 2, flag));
    }
    Files.writeString(root.resolve("rows.jsonl"), rows);
    Files.writeString(root.resolve("bad.csv"), "row,why\nr2,spam\nr4,\nr2,again\nr99,gone\n");
    Files.writeString(root.resolve("none.jsonl"), "{\"id\": \"x1\"}\n{\"id\": 17}\n");
    Files.writeString(root.resolve("bad.txt"), "r1");
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  private static StepFixture.Result ingest(String id, String knownBad) {
    return fixture.run(
        id,
        "ingest: {corpora: [{name: own, task: classification, columns: {id: id}, source: {name: jsonl,"
            + " path: '"
            + root.resolve("rows.jsonl")
            + "'}, known_bad: "
            + knownBad
            + "}]}",
        new IngestStep());
  }

  private static List<String> known(StepFixture.Result run) {
    return run.table(Table.KNOWN_BAD)
        .join(run.table(Table.SAMPLES).select("sample_id", "input"), "sample_id")
        .orderBy("input")
        .select("input")
        .as(Encoders.STRING())
        .collectAsList();
  }

  @Test
  void byAColumn() {
    StepFixture.Result run = ingest("column", "{column: meta.flag}");
    assertThat(known(run)).containsExactly("text 3", "text 5", "text 7");
    assertThat(run.table(Table.KNOWN_BAD).first().<String>getAs("known_by")).isEqualTo("meta.flag");
    assertThat(run.manifest("ingest").measures()).containsEntry("own.known_bad", 3.0);
  }

  @Test
  void byAFileThatNamesSomeTwiceAndSomeThatAreNotThere() {
    StepFixture.Result run = ingest("file", "{path: '" + root.resolve("bad.csv") + "', id: row}");
    assertThat(known(run)).containsExactly("text 2", "text 4");
    assertThat(run.manifest("ingest").measures())
        .containsEntry("own.known_bad", 2.0)
        .containsEntry("own.known_bad_not_there", 1.0);
  }

  @Test
  void aFileThatNamesNobodyIsRefused() {
    assertThatThrownBy(() -> ingest("nobody", "{path: '" + root.resolve("none.jsonl") + "'}"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("none of the 2 rows", "none.jsonl", "columns.id");
  }

  @Test
  void aColumnThatIsNotThereAndAnEndingThatIsUnknownAreRefused() {
    assertThatThrownBy(() -> ingest("other", "{path: '" + root.resolve("bad.csv") + "', id: rows}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean 'row'");
    assertThatThrownBy(() -> ingest("ending", "{path: '" + root.resolve("bad.txt") + "'}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(".parquet");
  }

  @Test
  void aValueThatIsNeitherYesNorNoIsNamedWithItsPlace() {
    assertThatThrownBy(() -> ingest("value", "{column: meta.note}"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("meta.note is 'maybe'", "rows.jsonl:", "yes");
    assertThatThrownBy(() -> ingest("nowhere", "{column: meta.id}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no sample of corpus own has a meta.id");
    assertThatThrownBy(() -> ingest("both", "{column: meta.flag, path: x.csv}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("one of the two");
  }
}
