package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.RecantException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import io.recant.jobs.ingest.IdxSource.Files;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of MNIST, whole and damaged. */
class IdxSourceIT {

  private static final int ROWS = 100;

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
  void picturesAreSamplesNamedByTheirPlace() throws IOException {
    String train = files("whole", IdxFixture.images(ROWS), IdxFixture.labels(ROWS), "");
    String test =
        files(
            "whole-test",
            IdxFixture.gzip(IdxFixture.images(9)),
            IdxFixture.gzip(IdxFixture.labels(9)),
            ".gz");
    Result run = run("whole", "", "train: " + train + ", test: " + test, "");

    List<Row> rows =
        run.table(Table.SAMPLES)
            .orderBy("split", "source_row")
            .select("split", "source_row", "input", "target", "image", "sample_id")
            .collectAsList();
    assertThat(rows).hasSize(ROWS + 9);
    for (int i = 0; i < rows.size(); i++) {
      int index = i < 9 ? i : i - 9;
      Row row = rows.get(i);
      assertThat(row.getString(0)).isEqualTo(i < 9 ? "test" : "train");
      assertThat(row.getLong(1)).isEqualTo(index + 1);
      assertThat(row.getString(2)).isEmpty();
      assertThat(row.getString(3)).isEqualTo(Integer.toString(index % 3));
      Image image = new ImageDecoder(6).decode(row.getAs(4));
      assertThat(image.shape().height()).isEqualTo(IdxFixture.HEIGHT);
      assertThat(image.shape().channels()).isEqualTo(1);
      assertThat(image.pixels()).containsOnly(index);
      assertThat(row.getString(5)).isEqualTo(SampleId.ofOwnId("c", row.getString(0) + "/" + index));
    }
  }

  @Test
  void labelsHaveTheNamesOfTheirClassesAndThoseWithoutGoToQuarantine() throws IOException {
    String train = files("named", IdxFixture.images(6), IdxFixture.labels(6), "");
    Result run =
        run("named", "max_quarantine: 1", "train: " + train, ", classes: [t-shirt, trouser]");
    assertThat(run.table(Table.SAMPLES).orderBy("source_row").select("target").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("t-shirt", "trouser", "t-shirt", "trouser");
    assertThat(IngestFixture.quarantine(run))
        .isEqualTo(Map.of(3L, "unknown_class", 6L, "unknown_class"));
    assertThat(
            run.table(Table.QUARANTINE)
                .where("source_row = 6")
                .select("raw")
                .first()
                .<byte[]>getAs(0))
        .as("the pixels as they stood in the file")
        .containsExactly(5, 5, 5, 5, 5, 5);
  }

  @Test
  void howeverTheFilesAreCutTheRowsAreTheSame() throws IOException {
    Path images = ingest.files().resolve("cut-images");
    Path labels = ingest.files().resolve("cut-labels");
    java.nio.file.Files.write(images, IdxFixture.images(ROWS));
    java.nio.file.Files.write(labels, IdxFixture.labels(ROWS));
    IdxSource.Settings settings =
        new IdxSource.Settings(
            Map.of("train", new Files(images.toString(), labels.toString())), List.of());
    SourceContext context = new SourceContext(ingest.steps().spark(), "c", 1 << 20, 200);
    Dataset<Row> whole = IdxSource.read(settings, 1 << 20, context);
    assertThat(whole.rdd().getNumPartitions()).isEqualTo(1);
    assertThat(whole.count()).isEqualTo(ROWS);
    for (int bytes : new int[] {1, 6, 13, 42}) {
      Dataset<Row> cut = IdxSource.read(settings, bytes, context);
      assertThat(cut.rdd().getNumPartitions()).isEqualTo((ROWS - 1) / Math.max(1, bytes / 6) + 1);
      assertThat(cut.collectAsList()).isEqualTo(whole.collectAsList());
    }
  }

  @Test
  void filesThatDisagreeOrAreDamagedAreNamed() throws IOException {
    byte[] images = IdxFixture.images(ROWS);
    byte[] labels = IdxFixture.labels(ROWS);
    refuses("count", images, IdxFixture.labels(ROWS - 1), "", "count-images", "100 pictures", "99");
    refuses("swapped", labels, images, "", "swapped-images", "00000801", "00000803");
    refuses("cut", cut(images), labels, "", "cut-images", "615 bytes", "616");
    refuses("cut-labels", images, cut(labels), "", "cut-labels-labels", "107 bytes", "108");
    refuses("long", append(images), labels, "", "long-images", "617 bytes");
    refuses("head", Arrays.copyOf(images, 9), labels, "", "head-images", "ends in its head");
    refuses("empty", images, new byte[0], "", "empty-labels", "ends in its head");
    byte[] negative = ByteBuffer.wrap(images.clone()).putInt(8, -1).array();
    refuses("negative", negative, labels, "", "negative-images", "-1");
    byte[] huge = ByteBuffer.wrap(images.clone()).putInt(8, 1 << 30).putInt(12, 1 << 30).array();
    refuses("huge", huge, labels, "", "huge-images", "max_row_bytes");
  }

  @Test
  void compressedFilesAreHeldToTheirHeadsToo() throws IOException {
    byte[] images = IdxFixture.gzip(IdxFixture.images(ROWS));
    byte[] labels = IdxFixture.gzip(IdxFixture.labels(ROWS));
    refuses(
        "gz-short",
        IdxFixture.gzip(cut(IdxFixture.images(ROWS))),
        labels,
        ".gz",
        "gz-short-images",
        "row 100");
    refuses(
        "gz-long",
        images,
        IdxFixture.gzip(append(IdxFixture.labels(ROWS))),
        ".gz",
        "gz-long-labels",
        "goes on");
    refuses("gz-cut", Arrays.copyOf(images, images.length / 2), labels, ".gz", "gz-cut-images");
    refuses("gz-none", IdxFixture.images(ROWS), labels, ".gz", "gz-none-images");
  }

  /** 70 MB of nothing in some kilobytes: more than is read of any file, and than 200 times. */
  @Test
  void aFileThatGrowsBeyondMeasureIsRefused() throws IOException {
    int rows = 70;
    byte[] images = new byte[16 + rows * 1000 * 1000];
    ByteBuffer.wrap(images).putInt(0x0803).putInt(rows).putInt(1000).putInt(1000);
    refuses(
        "bomb",
        IdxFixture.gzip(images),
        IdxFixture.gzip(IdxFixture.labels(rows)),
        ".gz",
        "bomb-images",
        "max_expansion");
  }

  private static void refuses(
      String id, byte[] images, byte[] labels, String ending, String... told) throws IOException {
    String files = files(id, images, labels, ending);
    assertThatThrownBy(() -> run(id, "max_quarantine: 1", "train: " + files, ""))
        .as(id)
        .isInstanceOf(RecantException.class)
        .hasMessageContainingAll(told)
        .extracting(e -> ((RecantException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  private static byte[] cut(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length - 1);
  }

  private static byte[] append(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  private static String files(String id, byte[] images, byte[] labels, String ending)
      throws IOException {
    Path first = ingest.files().resolve(id + "-images" + ending);
    Path second = ingest.files().resolve(id + "-labels" + ending);
    java.nio.file.Files.write(first, images);
    java.nio.file.Files.write(second, labels);
    return "{images: '" + first + "', labels: '" + second + "'}";
  }

  private static Result run(String id, String settings, String splits, String more) {
    return ingest.run(
        id,
        settings,
        "{name: c, task: classification, source: {name: idx, splits: {"
            + splits
            + "}"
            + more
            + "}}");
  }
}
