package io.recant.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.config.PipelineConfig;
import io.recant.core.manifest.Manifest;
import io.recant.core.manifest.Provenance;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.PngEncoder;
import io.recant.spark.progress.ConsoleProgress;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.StepRunner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The step on real tables: a whole run, and one with nothing in it. */
class ReportStepIT {

  @TempDir private static Path root;
  private static SparkSession spark;
  private static String page;
  private static JsonNode data;

  @BeforeAll
  static void writeReport() throws IOException {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("report")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate();
    RunFixture.write(spark, open("whole"));
    page = report("whole", "  top: 12");
    data = embedded(page);
    String copy = System.getProperty("recant.report.copy");
    if (copy != null) {
      Files.writeString(Path.of(copy), page);
    }
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void sendsEveryRowSomewhere() {
    JsonNode corpus = named(data.get("corpora"), "name", "supersense");
    assertThat(corpus.get("read").asInt()).isEqualTo(RunFixture.SAMPLES + RunFixture.QUARANTINED);
    assertThat(
            corpus.get("forget").asInt()
                + corpus.get("review").asInt()
                + corpus.get("retain").asInt())
        .isEqualTo(corpus.get("samples").asInt());
    assertThat(corpus.get("judged").asInt()).isEqualTo(RunFixture.SAMPLES * 9 / 10);
    int binned =
        StreamSupport.stream(corpus.get("histogram").spliterator(), false)
            .mapToInt(JsonNode::asInt)
            .sum();
    assertThat(binned).isEqualTo(corpus.get("judged").asInt());
    assertThat(corpus.get("headline").get(0).asText())
        .isEqualTo(
            "3,007 rows were read; 7 could not become samples and wait in quarantine with a reason.");
  }

  @Test
  void showsTheWorstSamplesFirstWithOpinionsAndTruth() {
    List<JsonNode> shown =
        StreamSupport.stream(data.get("suspicious").spliterator(), false)
            .filter(s -> s.get("corpus").asText().equals("definitions"))
            .toList();
    assertThat(shown).hasSize(12);
    assertThat(shown.stream().map(s -> -s.get("pBad").asDouble()).toList()).isSorted();
    assertThat(shown.get(0).get("opinions")).hasSize(2);
    assertThat(shown).anyMatch(s -> s.path("plantedBy").asText().equals("swapped-target"));
  }

  @Test
  void showsWhatTargetsShouldBeAndWhatThatIsWorth() {
    List<JsonNode> shown =
        StreamSupport.stream(data.get("suspicious").spliterator(), false)
            .filter(s -> s.get("corpus").asText().equals("supersense"))
            .toList();
    assertThat(shown).allMatch(s -> s.at("/repair/target").asText().startsWith("noun."));
    assertThat(shown)
        .filteredOn(s -> s.at("/repair/action").asText().equals("relabel"))
        .isNotEmpty()
        .allMatch(s -> s.at("/repair/probability").asDouble() > 0.8);
    assertThat(data.get("repair")).hasSize(14);
    assertThat(data.get("repair").findValuesAsText("measure")).contains("CL", "CS");
    assertThat(
            StreamSupport.stream(data.get("suspicious").spliterator(), false)
                .filter(s -> s.get("corpus").asText().equals("definitions")))
        .noneMatch(s -> s.has("repair"));
  }

  @Test
  void ranksMethodsByClosenessToTheOracle() {
    JsonNode model = named(data.get("models"), "name", "supersense");
    assertThat(model.get("methods").findValuesAsText("name"))
        .startsWith("victim", "retrained", "oracle", "scrub")
        .endsWith("gradient-ascent");
    assertThat(named(model.get("methods"), "name", "oracle").get("closeness").asDouble())
        .isEqualTo(1);
    assertThat(model.at("/axes/forget/metric").asText()).isEqualTo("acc_corr");
    assertThat(model.at("/axes/retain/metric").asText()).isEqualTo("acc_retain");
    assertThat(model.at("/methods/3/cells/0/seeds").asInt()).isEqualTo(2);
  }

  @Test
  void thinsCurvesInsideSpark() {
    assertThat(data.at("/detection/curves")).isNotEmpty();
    for (JsonNode curve : data.at("/detection/curves")) {
      assertThat(curve.get("points")).hasSizeBetween(150, 201);
    }
    for (JsonNode curve : named(data.get("models"), "name", "definitions").get("training")) {
      assertThat(curve.get("points")).hasSize(200);
      assertThat(curve.get("points").get(199).get(0).asInt()).isIn(320, 1500);
    }
  }

  @Test
  void keepsHostileTextText() {
    assertThat(data.get("suspicious").findValuesAsText("input")).contains(RunFixture.HOSTILE);
    assertThat(page.toLowerCase(java.util.Locale.ROOT).split("<script", -1)).hasSize(4);
    assertThat(page)
        .doesNotContain("<img src=x", "\u2028")
        .doesNotContain("<script>document.title");
  }

  @Test
  void staysSmallAndAsksForNothing() {
    assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(2_000_000);
    assertThat(page).contains("default-src 'none'").doesNotContain("<link", "src=\"http");
  }

  @Test
  void registersThePage() {
    Manifest manifest = open("whole").manifest("report").orElseThrow();
    assertThat(manifest.artifacts())
        .extracting(Manifest.FileEntry::path)
        .containsExactly("report/index.html");
  }

  @Test
  void showsPicturesOfTheSamplesItLists() throws IOException {
    byte[] pixels = new byte[28 * 28];
    new Random(3).nextBytes(pixels);
    byte[] good = PngEncoder.encode(new Image(28, 28, 1, pixels));
    byte[] broken = RunFixture.HOSTILE.getBytes(StandardCharsets.UTF_8);
    RunFixture.writePictures(spark, open("pictures"), List.of(good, good, broken, good, good));
    String pictures = report("pictures", "  top: 3");
    JsonNode shown = embedded(pictures).get("suspicious");
    assertThat(shown.findValuesAsText("id")).containsExactly("digit1", "digit2", "digit3");
    String src = shown.get(0).at("/picture/src").asText();
    assertThat(src).startsWith(Thumbnail.BEGIN);
    byte[] png = Base64.getDecoder().decode(src.substring(Thumbnail.BEGIN.length()));
    assertThat(ImageDecoder.ofSamples().decode(png).pixels()).isEqualTo(pixels);
    assertThat(shown.get(1).get("picture").has("src")).isFalse();
    assertThat(shown.get(0).get("target").asText()).isEqualTo("3");
    assertThat(shown.get(0).get("suggested").asText()).isEqualTo("5");
    assertThat(pictures).doesNotContain("<img src=x", RunFixture.HOSTILE);
    assertThat(data.get("suspicious")).noneMatch(s -> s.has("picture"));
  }

  @Test
  void writesAPageForARunWithNothingInIt() throws IOException {
    JsonNode nothing = embedded(report("nothing", "  title: Nothing"));
    assertThat(nothing.get("corpora")).isEmpty();
    assertThat(nothing.get("models")).isEmpty();
    assertThat(nothing.get("repair")).isEmpty();
    assertThat(nothing.get("suspicious")).isEmpty();
    assertThat(nothing.get("title").asText()).isEqualTo("Nothing");
  }

  private static String report(String id, String settings) throws IOException {
    PipelineConfig config =
        PipelineConfig.parse(
            "run: {id: " + id + "}\nsteps: [report]\nreport:\n" + settings,
            "test.yaml",
            List.of(),
            List.of("report"));
    ReportStep step = new ReportStep();
    new StepRunner(
            spark,
            config,
            open(id),
            new Provenance("0", "unknown", "17", Map.of(), "test", "local[2]"),
            Clock.fixed(Instant.parse("2026-01-01T09:00:00Z"), ZoneOffset.UTC),
            new ConsoleProgress(spark.sparkContext(), System.out, Clock.systemUTC(), false))
        .run(step, List.of(step));
    return Files.readString(root.resolve(id).resolve("report/index.html"));
  }

  private static RunDirectory open(String id) {
    return RunDirectory.open(
        root.toUri().toString(), id, spark.sparkContext().hadoopConfiguration());
  }

  private static JsonNode embedded(String page) throws IOException {
    Matcher json =
        Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(page);
    assertThat(json.find()).isTrue();
    return new ObjectMapper().readTree(json.group(1));
  }

  private static JsonNode named(JsonNode list, String key, String name) {
    return StreamSupport.stream(list.spliterator(), false)
        .filter(n -> n.get(key).asText().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
