package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.RecantException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import io.recant.ml.data.Image;
import io.recant.ml.data.PngEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders and zip files of pictures, whole and damaged. */
class ImagesSourceIT {

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
  void everyFileOfAFolderIsASampleOrInQuarantine() throws IOException {
    Path folder = ingest.files().resolve("folder");
    Map<String, byte[]> files = new TreeMap<>();
    files.put("train/cat/1.png", picture(3, 4, 1));
    files.put("train/dog/1.png", picture(9, 3, 4, 1));
    files.put("test/cat/1.png", picture(7, 3, 4, 1));
    Map<String, byte[]> whole = Map.copyOf(files);
    files.put("train/dog/wide.png", picture(5, 2, 3));
    files.put("train/dog/coloured.png", picture(3, 4, 3));
    files.put("train/cat/cut.png", Arrays.copyOf(picture(9, 9, 3), 40));
    files.put("train/cat/empty.png", new byte[0]);
    files.put("train/cat/notes.txt", "no picture".getBytes(StandardCharsets.UTF_8));
    files.put("train/cat/large.png", Arrays.copyOf(picture(3, 4, 1), 5000));
    files.put("train/none.png", picture(2, 2, 1));
    files.put("train/cat/.hidden.png", picture(2, 2, 1));
    files.put("_cache/cat/1.png", picture(2, 2, 1));
    write(folder, files);
    Path zip = folder.resolve("more.zip");
    Files.write(
        zip,
        zip(
            Map.of(
                "train/cat/2.png", picture(2, 3, 4, 1),
                "../cat/3.png", picture(2, 3, 1),
                "/cat/4.png", picture(2, 3, 1),
                "__MACOSX/cat/2.png", new byte[9],
                "train/", new byte[0])));

    Result run = run("folder", "max_quarantine: 1, max_row_bytes: 4000", folder, "");

    Map<String, Row> samples = samples(run);
    Map<String, String> ids = new TreeMap<>();
    ids.put(SampleId.ofOwnId("c", "more.zip/train/cat/2.png"), "more.zip/train/cat/2.png");
    whole.keySet().forEach(id -> ids.put(SampleId.ofOwnId("c", id), id));
    assertThat(samples.keySet()).isEqualTo(ids.keySet());
    ids.forEach(
        (key, id) -> {
          Row row = samples.get(key);
          assertThat(row.getString(1)).isEqualTo(id.contains("test/") ? "test" : "train");
          assertThat(row.getString(2)).isEqualTo(id.contains("dog") ? "dog" : "cat");
          assertThat(row.getString(3)).isEmpty();
          assertThat(row.<byte[]>getAs(4))
              .as("the bytes of the file itself")
              .isEqualTo(whole.containsKey(id) ? whole.get(id) : picture(2, 3, 4, 1));
        });
    assertThat(quarantine(run))
        .containsExactlyInAnyOrder(
            "cut.png|wrong_image",
            "wide.png|wrong_image",
            "coloured.png|wrong_image",
            "empty.png|wrong_image",
            "notes.txt|wrong_image",
            "large.png|too_long",
            "none.png|missing_target",
            "more.zip|unsafe_name",
            "more.zip|unsafe_name");
    assertThat(
            run.table(Table.QUARANTINE)
                .where("source_uri like '%wide.png'")
                .select("reason")
                .head()
                .getString(0))
        .isEqualTo(
            "the picture has 5 x 2 pixels of 3 channels; most pictures of this corpus have 3 x 4"
                + " pixels of 1 channel");
    assertThat(run.manifest("ingest").measures()).containsEntry("rows_read", 13.0);
  }

  @Test
  void howeverAZipFileIsCutTheRowsAreTheSame() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      files.put("c%d/%d.png".formatted(i % 3, i), picture(2 + i % 4, 3, 1));
    }
    Path zip = Files.write(ingest.files().resolve("cut.zip"), zip(files));
    ImagesSource.Settings settings =
        new ImagesSource.Settings(zip.toString(), 1, List.of(), Optional.empty());
    SourceContext context = new SourceContext(ingest.steps().spark(), "c", 1 << 20, 200);
    List<Row> whole = ImagesSource.read(settings, 1 << 30, context).collectAsList();
    assertThat(whole).hasSize(50);
    assertThat(whole.get(49).<String>getAs("fields")).contains("\"id\":\"c1/49.png\"");
    for (int parts : new int[] {2, 7, 1000}) {
      Dataset<Row> cut = ImagesSource.read(settings, Files.size(zip) / parts, context);
      assertThat(cut.rdd().getNumPartitions()).isGreaterThan(1);
      assertThat(cut.collectAsList()).isEqualTo(whole);
    }
  }

  /** Of a file with a wrong checksum nobody knows what it was; the others are as they were. */
  @Test
  void oneDamagedFileOfAZipFileIsOneRowOfQuarantine() throws IOException {
    byte[] good = picture(2, 3, 1);
    byte[] zip = zip(Map.of("cat/1.png", good));
    byte[] damaged = zip.clone();
    int data = 30 + "cat/1.png".length();
    damaged[data + 20] ^= 1;
    Path folder = ingest.files().resolve("damaged");
    write(folder, Map.of("bad.zip", damaged, "good.zip", zip));
    Result run = run("damaged", "max_quarantine: 1", folder, "");
    assertThat(quarantine(run)).containsExactly("bad.zip|malformed");
    assertThat(samples(run)).hasSize(1);
  }

  @Test
  void aZipFileThatIsNoneOrHoldsTooMuchIsNamed() throws IOException {
    byte[] zip = zip(Map.of("cat/1.png", picture(2, 3, 1)));
    refuses("short", Arrays.copyOf(zip, zip.length - 30), "short.zip");
    refuses("text", "no zip file".getBytes(StandardCharsets.UTF_8), "text.zip");
    Map<String, byte[]> nothing = new TreeMap<>();
    for (int i = 0; i < 70; i++) {
      nothing.put("cat/%d.png".formatted(i), new byte[1 << 20]);
    }
    refuses("bomb", zip(nothing), "bomb.zip", "max_expansion");
    assertThatThrownBy(() -> run("none", "", ingest.files().resolve("nowhere"), ""))
        .isInstanceOf(RecantException.class)
        .hasMessageContaining("nowhere");
  }

  /** The shape of CIFAR-10N: pictures by number in a zip file, several label sets in a table. */
  @Test
  void labelsComeFromATableBesideThePictures() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 12; i++) {
      files.put("%05d.png".formatted(i), picture(1 + i, 2, 2, 1));
    }
    Path zip = Files.write(ingest.files().resolve("numbers.zip"), zip(files));
    Path labels =
        ingest.write(
            "numbers.csv",
            "index,clean,worse\n0,a,b\n00001.png,b,b\n" + table(2, 11) + "77,a,a\n,a,a\n");
    Result run =
        run(
            "labels",
            "max_quarantine: 1",
            zip,
            ", labels: {path: '" + labels + "', id: index}}, columns: {target: worse");
    Map<String, Row> samples = samples(run);
    assertThat(samples).hasSize(11);
    for (int i = 0; i < 11; i++) {
      Row row = samples.get(SampleId.ofOwnId("c", "%05d.png".formatted(i)));
      assertThat(row.getString(2)).isEqualTo(i < 2 ? "b" : "w" + i);
      assertThat(row.<byte[]>getAs(4)).isEqualTo(picture(1 + i, 2, 2, 1));
      assertThat(row.getString(5))
          .contains("\"clean\":\"" + (i == 0 ? "a" : i == 1 ? "b" : "c" + i));
    }
    assertThat(quarantine(run))
        .as("a picture without a label, a label without a picture, one without a name")
        .containsExactlyInAnyOrder(
            "numbers.zip|missing_target", "numbers.csv|missing_image", "numbers.csv|missing_image");
  }

  private static String table(int from, int to) {
    StringBuilder rows = new StringBuilder();
    for (int i = from; i < to; i++) {
      rows.append("%d,c%d,w%d\n".formatted(i, i, i));
    }
    return rows.toString();
  }

  private static void refuses(String id, byte[] zip, String... told) throws IOException {
    Path file = Files.write(ingest.files().resolve(id + ".zip"), zip);
    assertThatThrownBy(() -> run(id, "max_quarantine: 1", file, ""))
        .as(id)
        .isInstanceOf(RecantException.class)
        .hasMessageContainingAll(told)
        .extracting(e -> ((RecantException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  private static Map<String, Row> samples(Result run) {
    Map<String, Row> samples = new TreeMap<>();
    run.table(Table.SAMPLES)
        .select("sample_id", "split", "target", "input", "image", "meta")
        .collectAsList()
        .forEach(row -> samples.put(row.getString(0), row));
    return samples;
  }

  private static List<String> quarantine(Result run) {
    return run
        .table(Table.QUARANTINE)
        .selectExpr("element_at(split(source_uri, '/'), -1)", "code")
        .collectAsList()
        .stream()
        .map(row -> row.mkString("|"))
        .toList();
  }

  private static byte[] picture(int height, int width, int channels) {
    return picture(height, height, width, channels);
  }

  private static byte[] picture(int value, int height, int width, int channels) {
    byte[] pixels = new byte[height * width * channels];
    Arrays.fill(pixels, (byte) value);
    return PngEncoder.encode(new Image(height, width, channels, pixels));
  }

  private static void write(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static Result run(String id, String settings, Path path, String more) {
    return ingest.run(
        id,
        settings,
        "{name: c, task: classification, source: {name: images, path: '"
            + path
            + "'"
            + more
            + "}}");
  }
}
