package io.recant.core.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.stats.Ranking;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTest {

  @ParameterizedTest
  @CsvSource({
    "2, 0.02, 1",
    "2, 0.1, 2",
    "2, 0.3, 3",
    "3, 0.02, 4",
    "3, 0.1, 5",
    "3, 0.3, 6",
    "3, 0.6, 7"
  })
  void findsTheShareThePrecisionAndTheRecallOfAKnownMixture(double d, double share, long seed) {
    Simulation simulation = Simulation.draw(d, share, 20_000, 2_000, seed);
    ScoreCounts counts = simulation.counts();
    ErrorShare estimate = ErrorShare.of(counts);
    BadProbability probability = BadProbability.of(counts, estimate);
    RankedSamples ranked = RankedSamples.of(counts, probability::at);
    int cut = new CutRule.BestF1(0.5).cut(ranked);
    double threshold = ranked.threshold(cut);

    assertThat(estimate.share()).isCloseTo(share, within(0.01 + 0.1 * share));
    assertThat(estimate.bound()).isGreaterThan(share);
    assertThat(probability.mean(counts)).isCloseTo(estimate.share(), within(0.002));
    assertThat(ranked.flagged(cut)).isEqualTo(simulation.flagged(threshold));
    assertThat(ranked.precision(cut)).isCloseTo(simulation.truePrecision(threshold), within(0.1));
    assertThat(ranked.canariesFlagged(cut) / 2000)
        .isCloseTo(simulation.trueRecall(threshold), within(0.06));
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "2, 2", "3, 3", "3, 4"})
  void forgetsAlmostNothingWhereNothingIsBad(double d, long seed) {
    ScoreCounts counts = Simulation.draw(d, 0, 20_000, 2_000, seed).counts();
    ErrorShare estimate = ErrorShare.of(counts);
    RankedSamples ranked = RankedSamples.of(counts, BadProbability.of(counts, estimate)::at);

    assertThat(estimate.share()).isLessThan(0.01);
    assertThat(ranked.flagged(new CutRule.BestF1(0.5).cut(ranked))).isLessThan(100);
  }

  /** On average over draws: one of so few canaries is off by chance. */
  @ParameterizedTest
  @CsvSource({"36, 4, 0.02", "36, 6, 0.02", "70, 4, 0.035", "70, 6, 0.02"})
  void fewCanariesDoNotMakeGoodRowsSuspicious(int canaries, double d, double share) {
    double off = 0;
    for (int seed = 0; seed < 20; seed++) {
      Simulation simulation = Simulation.draw(d, share, 10_000, canaries, seed);
      ScoreCounts counts = simulation.counts();
      RankedSamples ranked =
          RankedSamples.of(counts, BadProbability.of(counts, ErrorShare.of(counts))::at);
      int cut = new CutRule.BestF1(0.5).cut(ranked);
      off += (ranked.precision(cut) - simulation.truePrecision(ranked.threshold(cut))) / 20;
    }

    assertThat(off).isCloseTo(0, within(0.06));
  }

  /** Bins hold the step between the two; where it lies in them differs with the numbers. */
  @ParameterizedTest
  @CsvSource({
    "50, 0.015", "150, 0.015", "428, 0.015", "800, 0.015", "2000, 0.015",
    "50, 0.05", "150, 0.05", "428, 0.05", "800, 0.05", "2000, 0.05"
  })
  void whereBadAndGoodLieApartThePrecisionIsNearOne(int canaries, double share) {
    double mean = 0;
    for (int seed = 0; seed < 5; seed++) {
      Simulation simulation = Simulation.draw(8, share, 20_000, canaries, seed);
      ScoreCounts counts = simulation.counts();
      RankedSamples ranked =
          RankedSamples.of(counts, BadProbability.of(counts, ErrorShare.of(counts))::at);
      int cut = new CutRule.BestF1(0.5).cut(ranked);
      assertThat(simulation.truePrecision(ranked.threshold(cut))).isGreaterThan(0.99);
      mean += ranked.precision(cut) / 5;
    }

    assertThat(mean).isGreaterThan(0.93);
  }

  /** The best bin's ratio for counts that can be divided by hand: 30 of 1000 over 60 of 100. */
  @Test
  void bestBinIsTheRatioOfShares() {
    ScoreCounts counts =
        ScoreCounts.of(
            List.of(
                new ScoreCounts.Cell(2, 60, 30),
                new ScoreCounts.Cell(1, 30, 270),
                new ScoreCounts.Cell(0, 10, 700)));
    BestBin best = BestBin.of(counts);

    assertThat(best.share()).isCloseTo(0.05, within(1e-12));
    assertThat(best.threshold()).isEqualTo(2);
    assertThat(best.bound()).isBetween(0.05, 0.1);
  }

  @Test
  void aShareThatIsKnownIsTakenAsFarAsTheBestBinAllows() {
    ScoreCounts counts = Simulation.draw(2, 0.1, 5_000, 500, 11).counts();
    ErrorShare estimate = ErrorShare.of(counts, 0.06);
    RankedSamples ranked = RankedSamples.of(counts, BadProbability.of(counts, estimate)::at);
    CutUncertainty uncertainty = CutUncertainty.of(counts, estimate, ranked, 200, 100, 1);

    assertThat(estimate.share()).isCloseTo(0.06, within(1e-9));
    assertThat(uncertainty.share().lower()).isLessThan(0.055);
    assertThat(uncertainty.share().upper()).isBetween(0.065, 0.1);
    assertThat(ErrorShare.of(counts, 0.9).share()).isEqualTo(BestBin.of(counts).bound());
  }

  @Test
  void aFewExtremeCanariesDoNotBoundTheShare() {
    ScoreCounts counts =
        ScoreCounts.of(
            List.of(
                new ScoreCounts.Cell(9, 20, 0),
                new ScoreCounts.Cell(2, 60, 150),
                new ScoreCounts.Cell(0, 20, 850)));

    assertThat(BestBin.of(counts).bound()).isGreaterThan(0.15);
  }

  @Test
  void probabilityRisesStrictlyWithTheScore() {
    ScoreCounts counts = Simulation.draw(2, 0.1, 5_000, 500, 11).counts();
    BadProbability probability = BadProbability.of(counts, ErrorShare.of(counts));

    double before = 0;
    for (double s = -9; s <= 9; s += 0.05) {
      assertThat(probability.at(s)).isGreaterThan(before).isLessThan(1);
      before = probability.at(s);
    }
  }

  @Test
  void rulesHonourWhatWasAsked() {
    Simulation simulation = Simulation.draw(3, 0.1, 10_000, 1_000, 12);
    ScoreCounts counts = simulation.counts();
    RankedSamples ranked =
        RankedSamples.of(counts, BadProbability.of(counts, ErrorShare.of(counts))::at);

    int precise = new CutRule.Precision(0.9).cut(ranked);
    assertThat(ranked.precision(precise)).isGreaterThanOrEqualTo(0.9);
    assertThat(ranked.precision(precise + 1)).isLessThan(0.9);
    assertThat(simulation.truePrecision(ranked.threshold(precise))).isCloseTo(0.9, within(0.05));
    assertThat(ranked.flagged(new CutRule.Budget(300).cut(ranked))).isBetween(290.0, 300.0);
    assertThat(ranked.flagged(new CutRule.Share(0.05).cut(ranked))).isBetween(490.0, 500.0);
    int best = new CutRule.BestF1(0).cut(ranked);
    for (int cut = 0; cut <= ranked.steps(); cut++) {
      assertThat(ranked.f1(cut)).isLessThanOrEqualTo(ranked.f1(best));
    }
  }

  /** Expected hits 0.9, then 1.3, then 1.5 of 1.5: F1 .72, .74, .67. */
  @Test
  void bestF1ByHand() {
    ScoreCounts counts = ScoreCounts.of(new double[0], new double[] {0.9, 0.4, 0.2});
    RankedSamples ranked = RankedSamples.of(counts, s -> s);

    assertThat(ranked.f1(2)).isCloseTo(2.6 / 3.5, within(1e-12));
    assertThat(new CutRule.BestF1(0).cut(ranked)).isEqualTo(2);
    assertThat(new CutRule.BestF1(0.7).cut(ranked)).isEqualTo(1);
    assertThat(ranked.atLeast(0.4)).isEqualTo(2);
    assertThat(ranked.recall(1)).isCloseTo(0.6, within(1e-12));
    assertThat(ranked.precision(0)).isNaN();
  }

  @Test
  void intervalsHoldTheTruthAndAreNotNarrowerThanSampling() {
    int held = 0;
    for (long seed = 20; seed < 40; seed++) {
      Simulation simulation = Simulation.draw(2.5, 0.1, 5_000, 500, seed);
      ScoreCounts counts = simulation.counts();
      ErrorShare estimate = ErrorShare.of(counts);
      RankedSamples ranked = RankedSamples.of(counts, BadProbability.of(counts, estimate)::at);
      int cut = new CutRule.BestF1(0.5).cut(ranked);
      CutUncertainty uncertainty = CutUncertainty.of(counts, estimate, ranked, cut, 100, seed);
      double truth = simulation.truePrecision(ranked.threshold(cut));

      assertThat(uncertainty.precision().value()).isEqualTo(ranked.precision(cut));
      assertThat(uncertainty.precision().upper() - uncertainty.precision().lower())
          .isGreaterThan(2 * 1.9 * Math.sqrt(0.25 * 0.75 / ranked.flagged(cut)));
      held +=
          truth >= uncertainty.precision().lower() && truth <= uncertainty.precision().upper()
              ? 1
              : 0;
    }
    assertThat(held).isGreaterThanOrEqualTo(17);
  }

  @Test
  void redrawsAreTheSameForOneSeed() {
    ScoreCounts counts = Simulation.draw(2, 0.1, 2_000, 200, 3).counts();
    ErrorShare estimate = ErrorShare.of(counts);
    RankedSamples ranked = RankedSamples.of(counts, BadProbability.of(counts, estimate)::at);

    assertThat(CutUncertainty.of(counts, estimate, ranked, 20, 20, 5))
        .isEqualTo(CutUncertainty.of(counts, estimate, ranked, 20, 20, 5));
  }

  @Test
  void canaryRankingAgreesWithTheTruth() {
    Simulation simulation = Simulation.draw(2, 0.3, 20_000, 4_000, 8);
    CanaryRanking estimated = new CanaryRanking(simulation.counts(), 0.3);
    Ranking truth = Ranking.of(simulation.samples(), simulation.bad());

    assertThat(estimated.auroc()).isCloseTo(truth.auroc(), within(0.01));
    assertThat(estimated.averagePrecision()).isCloseTo(truth.averagePrecision(), within(0.02));
    Ranking.Point point = estimated.atFlagged(5_000);
    assertThat(point.flagged()).isBetween(4_980.0, 5_000.0);
    assertThat(point.precision()).isCloseTo(truth.atFlagged(5_000).precision(), within(0.03));
    assertThat(estimated.drawn(200)).hasSizeLessThanOrEqualTo(200);
    assertThat(estimated.drawn(200))
        .last()
        .isEqualTo(estimated.curve().get(estimated.curve().size() - 1));
  }

  @Test
  void binsHoldEveryRowAndNoneCrossesTheThreshold() {
    ScoreCounts counts = Simulation.draw(2, 0.1, 3_000, 300, 4).counts();
    ScoreCounts binned = counts.binnedAround(1.5, 10);

    assertThat(binned.cells()).hasSizeLessThanOrEqualTo(20);
    assertThat(binned.samples()).isEqualTo(3_000);
    assertThat(binned.canaries()).isEqualTo(300);
    assertThat(above(binned, 1.5)).isEqualTo(above(counts, 1.5));
  }

  private static double above(ScoreCounts counts, double threshold) {
    return counts.cells().stream()
        .filter(c -> c.score() >= threshold)
        .mapToDouble(ScoreCounts.Cell::samples)
        .sum();
  }
}
