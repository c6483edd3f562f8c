package io.recant.ml.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RememberedExamplesTest {

  private static final List<Example> ROWS =
      IntStream.range(0, 10)
          .mapToObj(i -> new Example("r" + i, "input", "t", new float[25]))
          .toList();

  private int readings;

  private Examples remembered(long bytes) {
    return new RememberedExamples(
        () -> {
          readings++;
          return Examples.of(ROWS).open();
        },
        bytes);
  }

  private static List<Example> read(Examples examples) {
    List<Example> rows = new ArrayList<>();
    try (CloseableIterator<Example> reading = examples.open()) {
      reading.forEachRemaining(rows::add);
    }
    return rows;
  }

  @Test
  void aSmallSetIsReadOnce() {
    Examples examples = remembered(10_000);
    assertThat(examples.count()).isEqualTo(10);
    assertThat(read(examples)).isEqualTo(ROWS);
    assertThat(read(examples)).isEqualTo(ROWS);
    assertThat(readings).isEqualTo(1);
  }

  @Test
  void aLargeSetIsReadEachTime() {
    Examples examples = remembered(1_500);
    assertThat(examples.count()).isEqualTo(10);
    assertThat(read(examples)).isEqualTo(ROWS);
    assertThat(read(examples)).isEqualTo(ROWS);
    assertThat(readings).isEqualTo(3);
  }

  @Test
  void picturesCountByTheirPixels() {
    Image image = new Image(20, 20, 3, new byte[1200]);
    List<Example> rows = ROWS.stream().map(row -> row.withImage(image)).toList();
    for (long bytes : new long[] {10_000, 20_000}) {
      readings = 0;
      Examples examples =
          new RememberedExamples(
              () -> {
                readings++;
                return Examples.of(rows).open();
              },
              bytes);
      assertThat(read(examples)).isEqualTo(rows);
      assertThat(readings).isEqualTo(bytes < 12_000 ? 2 : 1);
    }
  }

  @Test
  void anEmptySetIsEmpty() {
    Examples examples = new RememberedExamples(() -> Examples.of(List.of()).open(), 0);
    assertThat(examples.count()).isZero();
    assertThat(read(examples)).isEmpty();
  }
}
