package io.recant.core.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class BinnedPosteriorTest {

  /** Good rows below, bad ones above; all canaries are among the latter. */
  private static final ScoreCounts APART =
      ScoreCounts.of(
          List.of(
              new ScoreCounts.Cell(-4, 0, 400),
              new ScoreCounts.Cell(-3, 0, 400),
              new ScoreCounts.Cell(-2, 0, 100),
              new ScoreCounts.Cell(4, 20, 40),
              new ScoreCounts.Cell(5, 20, 40),
              new ScoreCounts.Cell(6, 10, 20)));

  @Test
  void aBinThatHoldsTheStepBetweenGoodAndBadHasBothInIt() {
    // Of three bins the middle one holds good rows at -2 and bad ones at 4.
    BinnedPosterior posterior = BinnedPosterior.of(APART, 3, 0.1);

    assertThat(posterior.at(-3)).isLessThan(0.02);
    assertThat(posterior.at(-2)).isLessThan(0.15);
    assertThat(posterior.at(4)).isGreaterThan(0.85);
    assertThat(posterior.at(6)).isGreaterThan(0.95);
  }

  @Test
  void theMeanOverTheSamplesIsTheShareWhateverTheBins() {
    for (double share : new double[] {0.01, 0.05, 0.1, 0.3}) {
      for (int bins : new int[] {1, 2, 3, 6}) {
        BinnedPosterior posterior = BinnedPosterior.of(APART, bins, share);
        double mean =
            APART.cells().stream()
                    .mapToDouble(cell -> cell.samples() * posterior.at(cell.score()))
                    .sum()
                / APART.samples();
        assertThat(mean).as("%s of %d bins", share, bins).isCloseTo(share, within(1e-6));
      }
    }
  }

  @Test
  void itNeverFallsAndGoesOnRisingBeyondTheBins() {
    BinnedPosterior posterior = BinnedPosterior.of(APART, 4, 0.1);

    for (double s = -8; s < 8; s += 0.25) {
      assertThat(posterior.at(s)).isGreaterThanOrEqualTo(posterior.at(s - 0.25) - 1e-12);
    }
    assertThat(posterior.at(-6)).isLessThan(posterior.at(-5));
  }

  /** f_canaries / f_samples is 0.5 and 2; with a share of 0.2 that makes 0.1 and 0.4. */
  @Test
  void oneScoreABinHasTheRatioTimesTheShare() {
    ScoreCounts counts =
        ScoreCounts.of(
            List.of(new ScoreCounts.Cell(-1, 10, 200), new ScoreCounts.Cell(1, 20, 100)));

    BinnedPosterior posterior = BinnedPosterior.of(counts, 2, 0.2);

    assertThat(posterior.at(-1)).isCloseTo(0.1, within(1e-3));
    assertThat(posterior.at(1)).isCloseTo(0.4, within(1e-3));
  }

  @Test
  void aShiftMakesTheMeanTheShare() {
    // sigma(shift) = 0.25 where all log-odds are 0.
    assertThat(BinnedPosterior.shift(APART, 0.25, s -> 0))
        .isCloseTo(Math.log(1.0 / 3), within(1e-9));
  }
}
