package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.InputException;
import io.recant.core.error.RecantException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.StepFixture.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

class FileSourcesIT {

  @TempDir static Path root;
  private static StepFixture fixture;
  private static Path files;

  @BeforeAll
  static void start() throws IOException {
    fixture = new StepFixture(root.resolve("runs"));
    files = Files.createDirectories(root.resolve("files"));
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void badLinesGoToQuarantineWithTheirPlaceAndReason() throws IOException {
    Path file =
        write(
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
    Result run = ingest("bad", "max_quarantine: 1, max_row_bytes: 256", corpus("jsonl", file, ""));

    assertThat(quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(
                Map.of(
                    3L, "missing_target",
                    4L, "malformed",
                    5L, "duplicate_id",
                    6L, "too_long",
                    7L, "wrong_type",
                    8L, "broken_utf8")));
    assertThat(inputs(run)).containsExactly("one", "six");
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
    Path file = write("many.jsonl", text.toString());
    assertThatThrownBy(() -> ingest("many", "max_quarantine: 0.04", corpus("jsonl", file, "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("5 of 100 rows (5.00 %)")
        .hasMessageContaining("3 missing_target")
        .hasMessageContaining("2 malformed")
        .hasMessageContaining("many.jsonl:1:")
        .extracting(e -> ((RecantException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThat(
            ingest("enough", "max_quarantine: 0.05", corpus("jsonl", file, ""))
                .table(Table.SAMPLES)
                .count())
        .isEqualTo(95);
  }

  @Test
  void compressedFilesAndPatternsAreRead() throws IOException {
    write("parts/a.jsonl", line(1, "one", "a") + line(2, "two", "b"));
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(files.resolve("parts/b.jsonl.gz")))) {
      out.write((line(3, "three", "a") + line(4, "four", "b")).getBytes(StandardCharsets.UTF_8));
    }
    write("parts/_hidden.jsonl", "nonsense");
    write("parts/c.txt", "nonsense");
    Result run =
        ingest("glob", "max_quarantine: 0", corpus("jsonl", files.resolve("parts/*.jsonl*"), ""));
    assertThat(inputs(run)).containsExactlyInAnyOrder("one", "two", "three", "four");
    assertThat(
            run.table(Table.SAMPLES)
                .where("input = 'four' and source_row = 2 and source_uri like '%b.jsonl.gz'")
                .count())
        .isEqualTo(1);
  }

  @Test
  void aFileThatIsMissingOrCutOffIsBadInput() throws IOException {
    assertThatThrownBy(() -> ingest("none", "", corpus("jsonl", files.resolve("none*"), "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none*");
    Path whole = files.resolve("whole.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
      for (int i = 0; i < 5000; i++) {
        out.write(line(i, "input" + Math.sin(i), "a").getBytes(StandardCharsets.UTF_8));
      }
    }
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = files.resolve("cut.jsonl.gz");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> ingest("cut", "", corpus("jsonl", cut, "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cut.jsonl.gz");
    Path notParquet = write("not.parquet", "nonsense, and long enough to be looked at");
    assertThatThrownBy(() -> ingest("notparquet", "", corpus("parquet", notParquet, "")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not.parquet");
  }

  @Test
  void csvFieldsMayHoldLineEnds() throws IOException {
    Path file =
        write(
            "rows.csv",
            "\uFEFFid;question;answer;topic\r\n"
                + "1;\"first\nline; \"\"quoted\"\"\";yes;t\r\n"
                + "2;second;\"no\r\n"
                + "3;third;yes;\r\n"
                + "4;fourth;yes\r\n"
                + "5;;yes;t\r\n");
    String columns = "columns: {input: question, target: answer},";
    Result run =
        ingest(
            "csv",
            "max_quarantine: 1",
            "{name: c, task: generation, "
                + columns
                + " source: {name: csv, delimiter: ';', path: '"
                + file
                + "'}}");
    assertThat(inputs(run)).containsExactly("first\nline; \"quoted\"", "third");
    assertThat(quarantine(run))
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
    String path = write("cut.jsonl", text.toString()).toString();
    SourceContext context = new SourceContext(fixture.spark(), "c", 1 << 20);
    List<Row> whole = rows(JsonlSource.read(path, 1 << 20, context));
    assertThat(whole).hasSize(300 - 300 / 7);
    assertThat(whole.get(6).getLong(1)).isEqualTo(8);
    for (long partBytes : new long[] {37, 1000, 4096}) {
      Dataset<Row> parts = JsonlSource.read(path, partBytes, context);
      assertThat(parts.javaRDD().getNumPartitions()).isGreaterThan(1);
      assertThat(rows(parts)).as("%s bytes a part", partBytes).isEqualTo(whole);
    }
  }

  @Test
  void parquetRowsHaveTheirPlaceAndVectorsTheirValues() {
    Path folder = files.resolve("vectors");
    fixture
        .spark()
        .range(0, 50, 1, 1)
        .selectExpr(
            "id",
            "concat('question ', id) as input",
            "if(id % 2 = 0, 'even', 'odd') as target",
            "if(id = 7, array(float('NaN'), 1f), if(id = 8, array(1f), array(float(id), 0.1f))) as v",
            "if(id % 2 = 0, array(0.9d, 0.1d), array(0.2d, 0.8d)) as p")
        .write()
        .parquet(folder.toString());
    Result run =
        ingest(
            "parquet",
            "max_quarantine: 0.1",
            "{name: c, task: classification, columns: {embedding: v, probabilities: p},"
                + " source: {name: parquet, path: '"
                + folder
                + "'}}");
    assertThat(quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of(8L, "wrong_embedding", 9L, "wrong_embedding")));
    Row third =
        run.table(Table.SAMPLES)
            .where("input = 'question 2'")
            .join(
                run.table(Table.EMBEDDINGS).select("sample_id", "model", "field", "vector"),
                "sample_id")
            .join(
                run.table(Table.PREDICTIONS).select("sample_id", "fold", "probabilities"),
                "sample_id")
            .head();
    assertThat(third.<Long>getAs("source_row")).isEqualTo(3);
    assertThat(third.<String>getAs("source_uri")).endsWith(".parquet");
    assertThat(third.getList(third.fieldIndex("vector"))).isEqualTo(List.of(2f, 0.1f));
    assertThat(third.<String>getAs("model") + third.<String>getAs("field")).isEqualTo("giveninput");
    assertThat(third.getList(third.fieldIndex("probabilities"))).isEqualTo(List.of(0.9f, 0.1f));
    assertThat(third.<Integer>getAs("fold")).isEqualTo(-1);
    assertThat(run.table(Table.EMBEDDINGS).count()).isEqualTo(48);
    assertThat(run.table(Table.CLASSES).orderBy("class_index").select("class_name").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("even", "odd");
  }

  @Test
  void listedClassesHaveTheirOrderAndProbabilitiesTheirNumber() throws IOException {
    Path file =
        write(
            "given.jsonl",
            "{\"id\": 1, \"input\": \"a\", \"target\": \"dog\", \"p\": [0.1, 0.2, 0.7]}\n"
                + "{\"id\": 2, \"input\": \"b\", \"target\": \"cat\", \"p\": [0.5, 0.5]}\n"
                + "{\"id\": 3, \"input\": \"c\", \"target\": \"cow\", \"p\": [0.1, 0.2, 0.7]}\n");
    String corpus =
        "{name: c, task: classification, test_share: 0, columns: {probabilities: p},%s"
            + " source: {name: jsonl, path: '"
            + file
            + "'}}";
    Result run =
        ingest("given", "max_quarantine: 1", corpus.formatted(" classes: [dog, cat, ant],"));
    assertThat(quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of(2L, "wrong_probabilities", 3L, "unknown_class")));
    assertThat(
            run.table(Table.CLASSES)
                .orderBy("class_index")
                .selectExpr("concat(class_name, rows)")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("dog1", "cat0", "ant0");
    assertThatThrownBy(() -> ingest("unlisted", "max_quarantine: 1", corpus.formatted("")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("list its classes");
  }

  @Test
  void answersOfSeveralAnnotatorsAreOneSample() throws IOException {
    Path file =
        write(
            "answers.jsonl",
            answer(1, "x", "ann", "b")
                + answer(1, "x", "bob", "a")
                + answer(2, "y", "ann", "b")
                + answer(1, "x", "eve", "b")
                + answer(1, "x", "ann", "a")
                + answer(1, "other", "joe", "a")
                + answer(2, "y", "bob", "a")
                + "{\"id\": 3, \"input\": \"z\", \"target\": \"a\"}\n");
    Result run =
        ingest(
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
    assertThat(quarantine(run))
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
    Path file = write("equal.jsonl", row.repeat(3) + "{\"input\": \"b\", \"target\": \"a\"}\n");
    Result run = ingest("equal", "max_quarantine: 0", corpus("jsonl", file, ""));
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
    Path file = write("split.jsonl", text.toString());
    Result all = ingest("all", "", corpus("jsonl", file, ", test_share: 0.25"));
    Result drawn = ingest("drawn", "", corpus("jsonl", file, ", test_share: 0.25, limit: 90"));
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
            i == 50 ? "nonsense\n" : answer(i, "input" + i, "annotator" + part, "t" + part % 2));
      }
      write("same/" + part + ".jsonl", text.toString());
    }
    String corpus =
        "{name: c, task: classification, limit: 60, columns: {id: id, annotator: who},"
            + " source: {name: jsonl, path: '"
            + files.resolve("same")
            + "'}}";
    List<Map<String, String>> contents = new ArrayList<>();
    for (int partitions : new int[] {1, 3, 7}) {
      fixture.spark().conf().set("spark.sql.shuffle.partitions", partitions);
      contents.add(ingest("same" + partitions, "", corpus).contents("ingest"));
    }
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 3);
    assertThat(contents.get(1)).isEqualTo(contents.get(0));
    assertThat(contents.get(2)).isEqualTo(contents.get(0));
    assertThat(contents.get(0).get("samples")).startsWith("60/");
    assertThat(contents.get(0).get("annotations")).startsWith("300/");
    assertThat(contents.get(0).get("quarantine")).startsWith("5/");
  }

  private static Result ingest(String id, String settings, String corpora) {
    String section = "ingest: {corpora: [" + corpora + "]";
    return fixture.run(
        id, section + (settings.isEmpty() ? "" : ", " + settings) + "}", new IngestStep());
  }

  private static String corpus(String source, Path path, String more) {
    return "{name: c, task: generation, source: {name: "
        + source
        + ", path: '"
        + path
        + "'}"
        + more
        + "}";
  }

  private static Path write(String name, String text) throws IOException {
    Path file = files.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String line(int id, String input, String target) {
    return "{\"id\": %d, \"input\": \"%s\", \"target\": \"%s\"}\n".formatted(id, input, target);
  }

  private static String answer(int id, String input, String who, String target) {
    return "{\"id\": %d, \"input\": \"%s\", \"who\": \"%s\", \"target\": \"%s\"}\n"
        .formatted(id, input, who, target);
  }

  private static List<String> inputs(Result run) {
    return run
        .table(Table.SAMPLES)
        .orderBy("source_uri", "source_row")
        .select("input")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static Map<Long, String> quarantine(Result run) {
    Map<Long, String> codes = new TreeMap<>();
    run.table(Table.QUARANTINE)
        .select("source_row", "code")
        .collectAsList()
        .forEach(row -> codes.put(row.getLong(0), row.getString(1)));
    return codes;
  }

  private static List<Row> rows(Dataset<Row> rows) {
    return rows.select("source_uri", "source_row", "fields").orderBy("source_row").collectAsList();
  }
}
