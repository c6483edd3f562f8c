package io.recant.ml.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpanTest {

  @Test
  void spansAreKeptInTheOrderOfTheText() {
    Example row = row(new Span(7, 9), new Span(0, 3), new Span(3, 4));
    assertThat(row.spans()).containsExactly(new Span(0, 3), new Span(3, 4), new Span(7, 9));
    assertThat(row.withWeight(2).spans()).isEqualTo(row.spans());
    assertThat(row.withSpans(List.of()).spans()).isEmpty();
  }

  /** The animal is one character and two of Java's. */
  @Test
  void charactersAreCodePoints() {
    assertThat(row(new Span(8, 9)).target()).hasSize(10);
    assertThatThrownBy(() -> row(new Span(8, 10))).isInstanceOf(InputException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3|3|0|1|[3, 3) holds no character",
        "4|2|0|1|[4, 2) holds no character",
        "-1|2|3|4|[-1, 2) is outside",
        "7|10|0|1|[7, 10) is outside its text of 9 characters",
        "2|4|3|5|[3, 5) overlaps",
        "2|4|2|4|[2, 4) overlaps",
      })
  void badSpansAreRefusedWithTheRowsName(int from, int to, int other, int end, String message) {
    assertThatThrownBy(() -> row(new Span(from, to), new Span(other, end)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("example r7")
        .hasMessageContaining(message);
  }

  @Test
  void aRowWithoutATargetHasNoParts() {
    assertThatThrownBy(
            () -> new Example("r7", null, null, new float[1], 1, List.of(new Span(0, 1))))
        .isInstanceOf(InputException.class);
  }

  @Test
  void touchingIsNotOverlapping() {
    Span span = new Span(3, 6);
    assertThat(span.overlaps(0, 3)).isFalse();
    assertThat(span.overlaps(6, 9)).isFalse();
    assertThat(span.overlaps(4, 4)).isFalse();
    assertThat(span.overlaps(0, 4)).isTrue();
    assertThat(span.overlaps(4, 5)).isTrue();
  }

  private static Example row(Span... spans) {
    return new Example("r7", "in", "a badge \uD83E\uDDA1", null, 1, List.of(spans));
  }
}
