package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.InputException;
import io.recant.core.error.RecantException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JSON Lines and CSV, whole, broken and compressed. */
class LineFilesIT {

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
  void badLinesGoToQuarantineWithTheirPlaceAndReason() throws IOException {
    Path file =
        ingest.write(
            "bad.jsonl",
            "\uFEFF{\"id\": 1, \"input\": \"one\", \"target\": \"a\", \"note\": \"n\"}\n"
                + "\n"
                + "{\"id\": 2, \"input\": \"two\"}\r\n"
                + "{\"id\": 3, \"input\": \"three\", \"target\"\n"
                + "{\"id\": 1, \"input\": \"again\", \"target\": \"b\"}\n"
                + "{\"id\": 4, \"input\": \""
                + "x".repeat(300)
                + "\", \"target\": \"a\"}\n"
                + "{\"id\": 5, \"input\": [5], \"target\": \"a\"}\n");
    Files.write(
        file, new byte[] {'{', (byte) 0xFF, '}', '\n'}, java.nio.file.StandardOpenOption.APPEND);
    Files.writeString(
        file,
        "{\"id\": 6, \"input\": \"six\", \"target\": \"b\"}",
        java.nio.file.StandardOpenOption.APPEND);
    Result run =
        ingest.run(
            "bad",
            "max_quarantine: 1, max_row_bytes: 256",
            IngestFixture.corpus("jsonl", file, ""));

    assertThat(IngestFixture.quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(
                Map.of(
                    3L, "missing_target",
                    4L, "malformed",
                    5L, "duplicate_id",
                    6L, "too_long",
                    7L, "wrong_type",
                    8L, "broken_utf8")));
    assertThat(IngestFixture.inputs(run)).containsExactly("one", "six");
    assertThat(
            run.table(Table.SAMPLES).where("source_row = 1 and meta = '{\"note\":\"n\"}'").count())
        .isEqualTo(1);
    Row duplicate = run.table(Table.QUARANTINE).where("code = 'duplicate_id'").head();
    assertThat(duplicate.<String>getAs("reason")).endsWith("bad.jsonl:1");
    assertThat(new String(duplicate.<byte[]>getAs("raw"), StandardCharsets.UTF_8))
        .isEqualTo("{\"id\": 1, \"input\": \"again\", \"target\": \"b\"}");
    assertThat(run.table(Table.QUARANTINE).where("code = 'too_long'").head().<byte[]>getAs("raw"))
        .hasSize(256);
    assertThat(run.manifest("ingest").measures()).containsEntry("rows_read", 8.0);
  }

  @Test
  void tooManyBadRowsFailWithTheMostFrequentReasons() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      text.append(
          i < 3
              ? "{\"input\": \"x\"}\n"
              : i < 5 ? "nonsense\n" : line(i, "input" + i, "t" + i % 2));
    }
    Path file = ingest.write("many.jsonl", text.toString());
    assertThatThrownBy(
            () ->
                ingest.run("many", "max_quarantine: 0.04", IngestFixture.corpus("jsonl", file, "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("5 of 100 rows (5.00 %)")
        .hasMessageContaining("3 missing_target")
        .hasMessageContaining("2 malformed")
        .hasMessageContaining("many.jsonl:1:")
        .extracting(e -> ((RecantException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThat(
            ingest
                .run("enough", "max_quarantine: 0.05", IngestFixture.corpus("jsonl", file, ""))
                .table(Table.SAMPLES)
                .count())
        .isEqualTo(95);
  }

  @Test
  void compressedFilesAndPatternsAreRead() throws IOException {
    ingest.write("parts/a.jsonl", line(1, "one", "a") + line(2, "two", "b"));
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(ingest.files().resolve("parts/b.jsonl.gz")))) {
      out.write((line(3, "three", "a") + line(4, "four", "b")).getBytes(StandardCharsets.UTF_8));
    }
    ingest.write("parts/_hidden.jsonl", "nonsense");
    ingest.write("parts/c.txt", "nonsense");
    Result run =
        ingest.run(
            "glob",
            "max_quarantine: 0",
            IngestFixture.corpus("jsonl", ingest.files().resolve("parts/*.jsonl*"), ""));
    assertThat(IngestFixture.inputs(run)).containsExactlyInAnyOrder("one", "two", "three", "four");
    assertThat(
            run.table(Table.SAMPLES)
                .where("input = 'four' and source_row = 2 and source_uri like '%b.jsonl.gz'")
                .count())
        .isEqualTo(1);
  }

  @Test
  void aFileThatIsMissingOrCutOffIsBadInput() throws IOException {
    assertThatThrownBy(
            () ->
                ingest.run(
                    "none", "", IngestFixture.corpus("jsonl", ingest.files().resolve("none*"), "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none*");
    Path whole = ingest.files().resolve("whole.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
      for (int i = 0; i < 5000; i++) {
        out.write(line(i, "input" + Math.sin(i), "a").getBytes(StandardCharsets.UTF_8));
      }
    }
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = ingest.files().resolve("cut.jsonl.gz");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> ingest.run("cut", "", IngestFixture.corpus("jsonl", cut, "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cut.jsonl.gz");
    Path notParquet = ingest.write("not.parquet", "nonsense, and long enough to be looked at");
    assertThatThrownBy(
            () -> ingest.run("notparquet", "", IngestFixture.corpus("parquet", notParquet, "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not.parquet");
  }

  @Test
  void csvFieldsMayHoldLineEnds() throws IOException {
    Path file =
        ingest.write(
            "rows.csv",
            "\uFEFFid;question;answer;topic\r\n"
                + "1;\"first\nline; \"\"quoted\"\"\";yes;t\r\n"
                + "2;second;\"no\r\n"
                + "3;third;yes;\r\n"
                + "4;fourth;yes\r\n"
                + "5;;yes;t\r\n");
    String columns = "columns: {input: question, target: answer},";
    Result run =
        ingest.run(
            "csv",
            "max_quarantine: 1",
            "{name: c, task: generation, "
                + columns
                + " source: {name: csv, delimiter: ';', path: '"
                + file
                + "'}}");
    assertThat(IngestFixture.inputs(run)).containsExactly("first\nline; \"quoted\"", "third");
    assertThat(IngestFixture.quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of(4L, "malformed", 6L, "malformed", 7L, "missing_input")));
    assertThat(run.table(Table.SAMPLES).where("meta = '{\"topic\":\"t\"}'").count()).isEqualTo(1);
  }

  @Test
  void linesKeepTheirNumbersWhereverAFileIsCut() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 300; i++) {
      text.append(i % 7 == 0 ? "\n" : line(i, "x".repeat(i % 50), "a"));
    }
    String path = ingest.write("cut.jsonl", text.toString()).toString();
    SourceContext context = new SourceContext(ingest.steps().spark(), "c", 1 << 20, 200);
    List<Row> whole = rows(JsonlSource.read(path, 1 << 20, context));
    assertThat(whole).hasSize(300 - 300 / 7);
    assertThat(whole.get(6).getLong(1)).isEqualTo(8);
    for (long partBytes : new long[] {37, 1000, 4096}) {
      Dataset<Row> parts = JsonlSource.read(path, partBytes, context);
      assertThat(parts.javaRDD().getNumPartitions()).isGreaterThan(1);
      assertThat(rows(parts)).as("%s bytes a part", partBytes).isEqualTo(whole);
    }
  }

  private static String line(int id, String input, String target) {
    return "{\"id\": %d, \"input\": \"%s\", \"target\": \"%s\"}\n".formatted(id, input, target);
  }

  private static List<Row> rows(Dataset<Row> rows) {
    return rows.select("source_uri", "source_row", "fields").orderBy("source_row").collectAsList();
  }
}
