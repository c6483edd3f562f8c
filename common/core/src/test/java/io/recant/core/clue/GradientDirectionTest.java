package io.recant.core.clue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GradientDirectionTest {

  private static ClueRow row(int given, float... p) {
    return new ClueRow(false, 0, given, p, new float[0], Set.of());
  }

  /** One bad row given 0 and one good row given 0; the places are as long and across. */
  @Test
  void theCosineByHand() {
    List<ClueRow> rows = List.of(row(0, 0.5f, 0.5f), row(0, 0.5f, 0.5f));
    List<double[]> places = List.of(new double[] {1, 0}, new double[] {0, 1});
    GradientDirection direction = GradientDirection.of(rows, places, new double[] {1, 0}, 1);

    // The direction is (-.5, .5) x (1, -1), and a row's gradient (-.5, .5) x its place.
    assertThat(direction.of(rows.get(0), new double[] {1, -1})).isCloseTo(1, within(1e-9));
    assertThat(direction.of(rows.get(0), new double[] {5, 0}))
        .isCloseTo(Math.sqrt(0.5), within(1e-9));
    assertThat(direction.of(rows.get(0), new double[] {1, 1})).isCloseTo(0, within(1e-9));
    // Given the other class, learning it moves the model the other way.
    assertThat(direction.of(row(1, 0.5f, 0.5f), new double[] {1, -1})).isCloseTo(-1, within(1e-9));
  }

  /**
   * The bad lie at (1, 0) and (0, 1), the good one at (-1, -1): the difference is (1, 1) + 2 (1,
   * 1). Without the first it is (0, 1) + (1, 1), along the first 1 of one bad row's, where all had
   * length sqrt(18) of two.
   */
  @Test
  void whatIsTakenOutCountsAsIfItHadNotBeenThere() {
    ClueRow row = row(0, 0.5f, 0.5f);
    GradientDirection direction =
        GradientDirection.of(
            List.of(row, row, row),
            List.of(new double[] {1, 0}, new double[] {0, 1}, new double[] {-1, -1}),
            new double[] {1, 1, 0},
            1);

    assertThat(direction.of(row, new double[] {1, 0})).isCloseTo(Math.sqrt(0.5), within(1e-9));
    assertThat(direction.without(row, new double[] {1, 0}, 1))
        .isCloseTo(2 / Math.sqrt(18), within(1e-9));
    assertThat(direction.without(row(1, 0.5f, 0.5f), new double[] {1, 0}, 0))
        .as("a row given a class that has no say")
        .isCloseTo(-Math.sqrt(0.5), within(1e-9));
  }

  @Test
  void rowsWithoutAGradientHaveNoDirection() {
    List<ClueRow> rows = List.of(row(0, 0.5f, 0.5f), row(0, 0.5f, 0.5f));
    GradientDirection direction =
        GradientDirection.of(
            rows, List.of(new double[] {1}, new double[] {-1}), new double[] {1, 0}, 1);

    assertThat(direction.of(row(0), new double[] {1})).isZero();
    assertThat(direction.of(row(-1, 0.5f, 0.5f), new double[] {1})).isZero();
    assertThat(direction.of(rows.get(0), new double[] {0})).isZero();
    assertThat(
            GradientDirection.of(rows, List.of(new double[1], new double[1]), new double[2], 1)
                .of(rows.get(0), new double[] {1}))
        .isZero();
  }
}
