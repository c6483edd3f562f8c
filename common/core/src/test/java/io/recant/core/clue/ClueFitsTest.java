package io.recant.core.clue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClueFitsTest {

  private static final List<ClueRow> ROWS =
      IntStream.range(0, ClueModel.FOLDS).mapToObj(ClueFitsTest::row).toList();
  private static final VectorSpace SPACE = VectorSpace.of(ROWS, 1);
  private static final double[] NONE_BAD = new double[ROWS.size()];

  private static ClueRow row(int fold) {
    return new ClueRow(false, fold, 0, new float[] {0.25f, 0.75f}, new float[0], Set.of());
  }

  /** Each fit says how many it is, whatever the row. */
  private static ClueFits numbered(double from) {
    return new ClueFits(
        IntStream.range(0, ClueModel.PARTS)
            .mapToObj(
                part ->
                    IntStream.range(0, ClueModel.FITS)
                        .mapToObj(left -> fit(from + ClueModel.FITS * part + left))
                        .toList())
            .toList());
  }

  private static ClueFits.Fit fit(double margin) {
    ClueFeatures features =
        ClueFeatures.of(
            SPACE,
            ROWS,
            ROWS.stream().map(SPACE::of).toList(),
            NONE_BAD,
            new ClueFeatures.Choice(false, false));
    double[] none = new double[features.size()];
    return new ClueFits.Fit(
        SPACE, List.of(new ClueFits.Regression(features, margin, none, none, none, none)));
  }

  @Test
  void aRowIsScoredByTheFitThatLeftItOut() {
    ClueFits fits = numbered(0);

    for (ClueRow row : ROWS) {
      double expected = ClueModel.FITS * ClueModel.part(row) + ClueModel.inner(row);
      assertThat(fits.of(row).margin(row)).isEqualTo(expected);
    }
    assertThat(ROWS.stream().map(row -> fits.of(row).margin(row)).distinct())
        .hasSize(ClueModel.FOLDS);
  }

  @Test
  void theMeanOfRoundsHasTheMeanMarginOfEachPlace() {
    ClueFits mean = ClueFits.mean(List.of(numbered(0), numbered(100), numbered(1000)));

    for (ClueRow row : ROWS) {
      double own = ClueModel.FITS * ClueModel.part(row) + ClueModel.inner(row);
      assertThat(mean.of(row).margin(row)).isCloseTo(own + 1100 / 3.0, within(1e-9));
    }
  }
}
