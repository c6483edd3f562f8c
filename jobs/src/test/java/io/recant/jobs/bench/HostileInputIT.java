package io.recant.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.bench.HostileFeeding.Outcome;
import io.recant.jobs.bench.HostileFiles.Made;
import io.recant.jobs.ingest.IngestStep;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.table.TableReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad files of every kind, as {@code recant bench hostile-input} makes them by the thousand. */
class HostileInputIT {

  private static final int FILES = 200;
  private static final long SEED = 7;

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

  static Stream<HostileKind> kinds() {
    return HostileFiles.kinds().stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void noRowIsLostAndNoErrorHasNoType(HostileKind kind) {
    List<HostileKind> kinds = HostileFiles.kinds();
    int count = HostileFiles.counts(kinds, FILES).get(names(kinds).indexOf(kind.name()));
    Made made = new HostileFiles(root.resolve("files"), SEED).make(kind, count);
    Outcome outcome = new HostileFeeding(fixture.spark(), HostileInputIT::pipeline).feed(made);
    assertThat(outcome.wrong()).isEmpty();
    assertThat(outcome.lost()).isZero();
    assertThat(outcome.untyped()).isZero();
    assertThat(outcome.rows()).isEqualTo(outcome.samples() + outcome.quarantined());
  }

  /** The layout is whole, so only the checksum can tell. */
  @Test
  void aLetterThatChangedInAPageWithAChecksumIsFound() throws IOException {
    Path folder = root.resolve("checked");
    fixture
        .spark()
        .sql("select 'a word nobody else has' as input, 'b' as target")
        .write()
        .option("compression", "uncompressed")
        .parquet(folder.toString());
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
    // The first is in the page, the others are statistics.
    String changed = bytes.replaceFirst("a word nobody", "a wort nobody");
    Files.writeString(file, changed, StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> pipeline(ingest("checked", HostileKind.PARQUET, folder)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.getFileName().toString());
  }

  @Test
  void equalSeedsMakeEqualFiles() throws IOException {
    for (HostileKind kind : HostileFiles.kinds()) {
      Made one = new HostileFiles(root.resolve("one"), SEED).make(kind, 1);
      Made two = new HostileFiles(root.resolve("two"), SEED).make(kind, 1);
      assertThat(two.known()).isEqualTo(one.known());
      assertThat(contents(two.folder())).as(kind.name()).isEqualTo(contents(one.folder()));
    }
  }

  @Test
  void aFormulaIsATextAsAnyOther() throws IOException {
    Path file = root.resolve("formulas.csv");
    Files.writeString(
        file, "input,target\n\"" + String.join("\",a\n\"", HostileCsv.FORMULAS) + "\",a\n");
    RunDirectory run = pipeline(ingest("formulas", HostileKind.CSV, file));
    assertThat(
            TableReader.read(fixture.spark(), run, Table.SAMPLES)
                .orderBy("source_row")
                .select("input")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly(
            Arrays.stream(HostileCsv.FORMULAS)
                .map(formula -> formula.replace("\"\"", "\""))
                .toArray(String[]::new));
  }

  private static Map<String, Integer> contents(Path folder) throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static String ingest(String id, String source, Path path) {
    return "run: {id: %s, seed: 1}\ningest: {corpora: [{name: c, task: generation, source: {%s, path: '%s'}}]}"
        .formatted(id, source, path);
  }

  private static RunDirectory pipeline(String yaml) {
    String id = yaml.replaceFirst("(?s).*id: ([^,]+),.*", "$1");
    return fixture
        .run(id, yaml.substring(yaml.indexOf("ingest:")), List.of("run.shards=1"), new IngestStep())
        .run();
  }

  private static List<String> names(List<HostileKind> kinds) {
    return kinds.stream().map(HostileKind::name).toList();
  }
}
