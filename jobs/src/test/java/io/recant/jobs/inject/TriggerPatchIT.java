package io.recant.jobs.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.ingest.IngestStep;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.PngEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of three classes, some with a patch in the corner. */
class TriggerPatchIT {

  private static final int HEIGHT = 5;
  private static final int WIDTH = 6;
  private static final int SIDE = 2;

  @TempDir static Path root;
  private static StepFixture fixture;
  private static StepFixture.Result run;

  @BeforeAll
  static void inject() throws IOException {
    fixture = new StepFixture(root.resolve("runs"));
    Random random = new Random(7);
    for (String split : List.of("train", "test")) {
      for (String name : List.of("bird", "cat", "dog")) {
        Path folder = Files.createDirectories(root.resolve("pictures/" + split + "/" + name));
        for (int i = 0; i < 12; i++) {
          byte[] pixels = new byte[HEIGHT * WIDTH * 3];
          random.nextBytes(pixels);
          Files.write(
              folder.resolve(i + ".png"), PngEncoder.encode(new Image(HEIGHT, WIDTH, 3, pixels)));
        }
      }
    }
    run = run("usual", "target: cat, size: 2, value: 200, count: 7, probes: 9");
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void damagedRowsHaveThePatchAndTheClassAndNothingElseIsChanged() {
    Map<String, Row> before = rows(run.table(Table.SAMPLES));
    Map<String, Row> after = rows(run.table(Table.DAMAGED).where("split != 'triggered'"));
    List<Row> injections =
        run.table(Table.INJECTIONS).select("sample_id", "before", "after").collectAsList();
    assertThat(injections).hasSize(7);
    for (Row injection : injections) {
      Row clean = before.remove(injection.getString(0));
      Row damaged = after.remove(injection.getString(0));
      assertThat(clean.getString(1)).isEqualTo("train");
      assertThat(clean.getString(2)).isEqualTo(injection.getString(1)).isNotEqualTo("cat");
      assertThat(damaged.getString(2)).isEqualTo(injection.getString(2)).isEqualTo("cat");
      assertStamped(clean.getAs(3), damaged.getAs(3));
    }
    assertThat(after.keySet()).isEqualTo(before.keySet()).hasSize(72 - 7);
    after.forEach(
        (id, row) -> assertThat(row.<byte[]>getAs(3)).isEqualTo(before.get(id).<byte[]>getAs(3)));
  }

  @Test
  void testRowsWithThePatchAreAddedWithTheirOwnClass() {
    Map<String, byte[]> originals = new TreeMap<>();
    run.table(Table.SAMPLES)
        .where("split = 'test'")
        .select("source_uri", "image")
        .collectAsList()
        .forEach(row -> originals.put(row.getString(0), row.getAs(1)));
    List<Row> probes =
        run.table(Table.DAMAGED)
            .where("split = 'triggered'")
            .selectExpr("source_uri", "image", "target", "get_json_object(meta, '$.false_target')")
            .collectAsList();
    assertThat(probes).hasSize(9);
    for (Row probe : probes) {
      assertThat(probe.getString(0)).contains("/test/" + probe.getString(2) + "/");
      assertThat(probe.getString(2)).isNotEqualTo("cat");
      assertThat(probe.getString(3)).isEqualTo("cat");
      assertStamped(originals.get(probe.getString(0)), probe.getAs(1));
    }
  }

  @Test
  void theSameRowsWhateverThePartitions() {
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 7);
    assertThat(
            run("partitions", "target: cat, size: 2, value: 200, count: 7, probes: 9")
                .contents("inject"))
        .isEqualTo(run.contents("inject"));
    fixture.spark().conf().set("spark.sql.shuffle.partitions", 3);
  }

  @Test
  void ofANumberOfConfusedRowsHalfAreOfEitherClass() {
    StepFixture.Result confused =
        runAll("confused", "{name: interclass-confusion, classes: [bird, dog], count: 6}");
    assertThat(
            confused
                .table(Table.INJECTIONS)
                .selectExpr("concat(before, '>', after)")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder(
            "bird>dog", "bird>dog", "bird>dog", "dog>bird", "dog>bird", "dog>bird");
  }

  @Test
  void whatDoesNotFitTheCorpusIsRefused() {
    refuses("many", "target: cat, size: 2, count: 25", "25 rows are to be damaged, and only 24");
    refuses("room", "target: cat, size: 6, share: 0.1", "no room in a picture of 5 x 6 pixels");
    refuses("class", "target: cap, share: 0.1", "did you mean 'cat'");
    assertThatThrownBy(
            () ->
                fixture.run(
                    "text",
                    "ingest: {corpora: [{name: c, task: classification, limit: 50,"
                        + " source: {name: wordnet, parts_of_speech: [verb]}}]}\n"
                        + section(patch("target: verb.motion, share: 0.1")),
                    new IngestStep(),
                    new InjectStep()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no train row of the corpus has a picture");
  }

  private static void assertStamped(byte[] clean, byte[] damaged) {
    Image before = ImageDecoder.ofSamples().decode(clean);
    Image after = ImageDecoder.ofSamples().decode(damaged);
    assertThat(after.shape()).isEqualTo(before.shape());
    for (int i = 0; i < before.pixels().length; i++) {
      int pixel = i / before.shape().channels();
      boolean inPatch = pixel % WIDTH >= WIDTH - SIDE && pixel / WIDTH >= HEIGHT - SIDE;
      assertThat(after.pixels()[i]).isEqualTo(inPatch ? (byte) 200 : before.pixels()[i]);
    }
  }

  private static void refuses(String id, String settings, String told) {
    assertThatThrownBy(() -> run(id, settings))
        .as(id)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(told);
  }

  private static Map<String, Row> rows(Dataset<Row> samples) {
    Map<String, Row> rows = new TreeMap<>();
    samples
        .select("sample_id", "split", "target", "image")
        .collectAsList()
        .forEach(row -> rows.put(row.getString(0), row));
    return rows;
  }

  private static StepFixture.Result run(String id, String settings) {
    return runAll(id, patch(settings));
  }

  private static StepFixture.Result runAll(String id, String injector) {
    return fixture.run(
        id,
        "ingest: {corpora: [{name: c, task: classification, source: {name: images, path: '"
            + root.resolve("pictures")
            + "'}}]}\n"
            + section(injector),
        new IngestStep(),
        new InjectStep());
  }

  private static String patch(String settings) {
    return "{name: trigger-patch, " + settings + "}";
  }

  private static String section(String injector) {
    return "inject: {corpora: {c: [" + injector + "]}}";
  }
}
