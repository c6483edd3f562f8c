package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureRowsTest {

  private static final List<String> SPLITS = List.of("train", "test");

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "1, cat/1.png, cat, -",
        "1, train/cat/1.png, cat, train",
        "1, pets/test/cat/1.png, cat, test",
        "1, pets/cat/1.png, cat, -",
        "1, train/test/1.png, test, train",
        "1, train/1.png, -, train",
        "1, 1.png, -, -",
        "1, test, -, -",
        "1, a.zip/1.png, -, -",
        "1, a.zip/train/cat/1.png, cat, train",
        "2, train/cat/images/1.png, cat, train",
        "2, cat/1.png, -, -",
        "0, train/cat/1.png, -, train",
      })
  void foldersSayClassAndSplit(int classAt, String id, String target, String split)
      throws IOException {
    RawRow row = new PictureRows(classAt, SPLITS, 9).row("f", 3, id, new byte[] {1, 2, 3}, 3);
    JsonNode fields = new ObjectMapper().readTree(row.fields());
    assertThat(fields.path("id").asText()).isEqualTo(id);
    assertThat(fields.path("target").asText(null)).isEqualTo(target);
    assertThat(fields.path("split").asText(null)).isEqualTo(split);
    assertThat(fields.path("image").binaryValue()).containsExactly(1, 2, 3);
    assertThat(row.raw()).containsExactly(1, 2, 3);
    assertThat(row.sourceRow()).isEqualTo(3);
  }

  @Test
  void whatIsTooLongOrEmptyIsNoPicture() {
    PictureRows rows = new PictureRows(1, SPLITS, 9);
    assertThat(rows.row("f", 1, "a/b", new byte[9], 9).rejection()).isNull();
    RawRow tooLong = rows.row("f", 1, "a/b", new byte[10], 500);
    assertThat(tooLong.rejection()).isEqualTo(Rejection.tooLong(500, 9));
    assertThat(tooLong.raw()).hasSize(9);
    assertThat(rows.row("f", 1, "a/b", new byte[0], 0).rejection().code()).isEqualTo("wrong_image");
  }
}
