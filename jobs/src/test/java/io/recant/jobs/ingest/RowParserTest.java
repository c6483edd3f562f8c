package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.SettingsBinder;
import io.recant.ml.data.Image;
import io.recant.ml.data.PngEncoder;
import io.recant.ml.data.Span;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowParserTest {

  /** Of such a text a file would hold something else. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"input\": \"\\ud800\", \"target\": \"b\"}",
        "{\"input\": \"a\", \"target\": \"b\", \"\\uDC00\": 1}",
        "{\"input\": \"a\", \"target\": \"b\", \"steps\": \"[\\\"\\\\ud800\\\"]\"}",
        "{\"input\": \"a\", \"target\": 1e99999999999}"
      })
  void whatCannotBeWrittenAgainIsMalformed(String fields) {
    RowParser parser = new RowParser("c", columns(), Set.of(), MAX);
    assertThat(parser.parse(RawRow.of("f", 1, fields, null)).rejection().code())
        .isEqualTo(Rejection.MALFORMED);
  }

  private static final int MAX = 200;
  private static final byte[] PICTURE = picture(7);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"input\": \"a\", \"target\": \"b\"|malformed",
        "{\"input\": \"a\", \"target\": \"b\"} x|malformed",
        "{\"input\": \"a\", \"input\": \"c\", \"target\": \"b\"}|malformed",
        "[1, 2]|malformed",
        "{\"target\": \"b\"}|missing_input",
        "{\"input\": \"  \", \"target\": \"b\"}|missing_input",
        "{\"input\": \"a\", \"target\": null}|missing_target",
        "{\"input\": {\"x\": 1}, \"target\": \"b\"}|wrong_type",
        "{\"input\": \"a\", \"target\": [\"b\"]}|wrong_type",
        "{\"input\": \"a\", \"target\": \"b\", \"steps\": [1]}|wrong_type",
        "{\"input\": \"a\", \"target\": \"b\", \"image\": \"%%\"}|wrong_type",
        "{\"input\": \"a\", \"target\": \"b\", \"image\": \"bm9uZQ==\"}|wrong_image",
        "{\"target\": \"b\", \"image\": \" \"}|missing_input",
      })
  void rejectsWithACode(String fields, String code) {
    ParsedRow row = parse(fields, columns());
    assertThat(row.rejection()).as(fields).isNotNull();
    assertThat(row.rejection().code()).isEqualTo(code);
    assertThat(row.rejection().reason()).hasSizeGreaterThan(10);
    assertThat(new String(row.raw())).isEqualTo(fields);
    assertThat(row.input()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[0.5, NaN]|wrong_probabilities",
        "[0.5, null]|wrong_probabilities",
        "[\"NaN\", 0.5]|wrong_probabilities",
        "[1.2, -0.2]|wrong_probabilities",
        "[0.5, 0.498]|wrong_probabilities",
        "[0, 0]|wrong_probabilities",
        "[]|wrong_probabilities",
        "[1e400, 0]|wrong_probabilities",
        "[\"x\", 1]|wrong_type",
        "0.7|wrong_type",
        "\"0.7 0.3\"|wrong_type",
        "null|missing_probabilities",
      })
  void rejectsProbabilities(String probabilities, String code) {
    assertRejected("probabilities", probabilities, code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[0, 0.0]|wrong_embedding",
        "[1, NaN]|wrong_embedding",
        "[1, Infinity]|wrong_embedding",
        "[]|wrong_embedding",
        "[1e300, 1]|wrong_embedding",
        "{}|wrong_type",
      })
  void rejectsEmbeddings(String embedding, String code) {
    assertRejected("embedding", embedding, code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[[1, 9]]|wrong_spans",
        "[[2, 2]]|wrong_spans",
        "[[3, 1]]|wrong_spans",
        "[[-1, 2]]|wrong_spans",
        "[[0, 3], [2, 4]]|wrong_spans",
        "[[0, 3, 4]]|wrong_type",
        "[[0.5, 3]]|wrong_type",
        "[0, 3]|wrong_type",
        "7|wrong_type",
      })
  void rejectsSpans(String spans, String code) {
    assertRejected("spans", spans, code);
  }

  /** A row that is right but for what stands in the column of a role. */
  private static void assertRejected(String role, String value, String code) {
    ParsedRow row =
        parse(
            "{\"input\": \"a\", \"target\": \"badger\", \"x\": " + value + "}", columns(role, "x"));
    assertThat(row.rejection()).as(value).isNotNull();
    assertThat(row.rejection().code()).as(row.rejection().reason()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[[4, 6], [0, 2]]",
        "\"[[4, 6], [0, 2]]\"",
        "[{\"from\": 0, \"to\": 2}, {\"from\": 4, \"to\": 6}]",
      })
  void readsSpansInTheOrderOfTheText(String spans) {
    ParsedRow row =
        parse(
            "{\"input\": \"a\", \"target\": \"badger\", \"s\": " + spans + "}",
            columns("spans", "s"));
    assertThat(row.spans()).containsExactly(new Span(0, 2), new Span(4, 6));
  }

  /** A column of that name is no list of spans unless the configuration says so. */
  @Test
  void spansHaveToBeNamedAndMayBeMissing() {
    String row = "{\"input\": \"a\", \"target\": \"badger\", \"spans\": \"two\"}";
    assertThat(parse(row, columns()).spans()).isNull();
    assertThat(parse(row, columns()).meta()).contains("two");
    assertThat(parse(row, columns("spans", "s")).spans()).isNull();
  }

  @Test
  void normalisesWhatIsARoundingAway() {
    ParsedRow row =
        parse(
            "{\"input\": \"a\", \"target\": \"b\", \"p\": \"[0.2, 0.7995]\"}",
            columns("probabilities", "p"));
    assertThat(row.rejection()).isNull();
    assertThat(row.probabilities()[0] + row.probabilities()[1]).isEqualTo(1f);
    assertThat(row.probabilities()[0]).isEqualTo((float) (0.2 / 0.9995));
  }

  @Test
  void putsColumnsWithoutARoleIntoMeta() {
    ParsedRow row =
        parse(
            "{\"z\": 1.50, \"question\": \"a\", \"target\": 3, \"b\": [1, {\"c\": null}],"
                + " \"n\": null, \"input\": \"other\"}",
            columns("input", "question"));
    assertThat(row.input()).isEqualTo("a");
    assertThat(row.target()).isEqualTo("3");
    assertThat(row.meta()).isEqualTo("{\"b\":[1,{\"c\":null}],\"input\":\"other\",\"z\":1.50}");
  }

  @Test
  void aColumnThatIsNamedForOneRoleHasNoOther() {
    ParsedRow row =
        parse("{\"id\": \"who\", \"input\": \"a\", \"target\": \"b\"}", columns("entity", "id"));
    assertThat(row.entity()).isEqualTo("who");
    assertThat(row.ownId()).isFalse();
  }

  @Test
  void namesRowsByTheirIdElseByTheirContent() {
    String plain = "\"input\": \"a\", \"target\": \"b\"";
    assertThat(parse("{\"id\": 7, " + plain + "}", columns()).key())
        .isEqualTo(parse("{\"id\": \"7\", \"input\": \"x\", \"target\": \"y\"}", columns()).key())
        .isNotEqualTo(parse("{\"id\": 8, " + plain + "}", columns()).key())
        .matches("[0-9a-f]{32}");
    assertThat(parse("{" + plain + "}", columns()).key())
        .isEqualTo(parse("{\"target\": \"b\", \"input\": \"a\"}", columns()).key())
        .isNotEqualTo(parse("{\"input\": \"ab\", \"target\": \"b\"}", columns()).key())
        .isNotEqualTo(parse("{" + plain + ", \"context\": \"c\"}", columns()).key())
        .isNotEqualTo(parse("{" + plain + ", \"other\": \"c\"}", columns()).key());
    assertThat(SampleId.ofContent("c", "ab", "c")).isNotEqualTo(SampleId.ofContent("c", "a", "bc"));
    assertThat(SampleId.ofContent("c", "a", null)).isNotEqualTo(SampleId.ofContent("c", "a", ""));
    assertThat(SampleId.ofOwnId("supersense", "noun-00001740"))
        .as("names must not change between versions")
        .isEqualTo("76001d998a28daac4cebeed1c552b9b5");
  }

  @Test
  void aRowWithAPictureNeedsNoInput() {
    for (String input : new String[] {"", "\"input\": null, ", "\"input\": \" \", "}) {
      ParsedRow row = parse(pictured(input, PICTURE), columns());
      assertThat(row.rejection()).as(input).isNull();
      assertThat(row.input()).isEmpty();
      assertThat(row.image()).isEqualTo(PICTURE);
    }
    assertThat(parse(pictured("\"input\": \"a\", ", PICTURE), columns()).input()).isEqualTo("a");
  }

  @Test
  void rowsWithoutAnIdAreNamedByTheirPicturesToo() {
    assertThat(parse(pictured("", PICTURE), columns()).key())
        .isEqualTo(parse(pictured("\"input\": null, ", PICTURE), columns()).key())
        .isNotEqualTo(parse(pictured("", picture(8)), columns()).key())
        .isNotEqualTo(parse(pictured("\"input\": \"a\", ", PICTURE), columns()).key());
  }

  @Test
  void aPictureThatIsCutOffIsRejectedAndShown() {
    String fields = pictured("", Arrays.copyOf(PICTURE, PICTURE.length / 2));
    ParsedRow row = parse(fields, columns());
    assertThat(row.rejection().code()).isEqualTo("wrong_image");
    assertThat(row.rejection().reason()).contains("png");
    assertThat(new String(row.raw())).isEqualTo(fields);
  }

  private static String pictured(String input, byte[] picture) {
    return "{%s\"target\": \"b\", \"image\": \"%s\"}"
        .formatted(input, Base64.getEncoder().encodeToString(picture));
  }

  private static byte[] picture(int grey) {
    return PngEncoder.encode(new Image(1, 2, 1, new byte[] {0, (byte) grey}));
  }

  @Test
  void aTargetHasToBeAClass() {
    RowParser parser = new RowParser("c", columns(), Set.of("cat", "dog"), MAX);
    assertThat(parser.parse(raw("{\"input\": \"a\", \"target\": \"cow\"}")).rejection().code())
        .isEqualTo("unknown_class");
    assertThat(parser.parse(raw("{\"input\": \"a\", \"target\": \"cat\"}")).rejection()).isNull();
  }

  @Test
  void cutsWhatItKeepsOfARowThatIsTooLong() {
    String fields = "{\"input\": \"" + "é".repeat(MAX) + "\", \"target\": \"b\"}";
    ParsedRow row = parse(fields, columns());
    assertThat(row.rejection().code()).isEqualTo("too_long");
    assertThat(row.raw()).hasSize(MAX);
  }

  private static ParsedRow parse(String fields, Columns columns) {
    return new RowParser("c", columns, Set.of(), MAX).parse(raw(fields));
  }

  private static RawRow raw(String fields) {
    return RawRow.of("file", 1, fields, null);
  }

  private static Columns columns(String... roleAndColumn) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < roleAndColumn.length; i += 2) {
      node.put(roleAndColumn[i], roleAndColumn[i + 1]);
    }
    return SettingsBinder.bind(node, Columns.class, "columns");
  }
}
