package io.recant.core.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RankingTest {

  /** Values of scikit-learn's user guide: y = 0 0 1 1, scores .1 .4 .35 .8. */
  @Test
  void agreesWithScikitLearn() {
    Ranking ranking =
        Ranking.of(new double[] {0.1, 0.4, 0.35, 0.8}, new boolean[] {false, false, true, true});

    assertThat(ranking.averagePrecision()).isCloseTo(0.8333333333, within(1e-9));
    assertThat(ranking.auroc()).isCloseTo(0.75, within(1e-12));
    assertThat(ranking.best().f1()).isCloseTo(0.8, within(1e-12));
    assertThat(ranking.best().threshold()).isEqualTo(0.35);
  }

  @Test
  void tiesCountHalfWhateverTheirOrder() {
    Ranking ranking =
        Ranking.of(new double[] {0.5, 0.5, 0.5, 0.5}, new boolean[] {true, false, true, false});

    assertThat(ranking.auroc()).isEqualTo(0.5);
    assertThat(ranking.averagePrecision()).isEqualTo(0.5);
    assertThat(ranking.curve()).hasSize(1);
  }

  @Test
  void thresholdsFlagEverythingAtOrAboveThem() {
    Ranking ranking = Ranking.of(new double[] {0.9, 0.8, 0.2}, new boolean[] {true, false, true});

    assertThat(ranking.at(0.8)).isEqualTo(new Ranking.Point(0.8, 2, 0.5, 0.5));
    assertThat(ranking.at(0.95).flagged()).isZero();
    assertThat(ranking.at(0.0).recall()).isEqualTo(1);
  }

  @Test
  void saysNothingWhereNothingIsBad() {
    Ranking ranking = Ranking.of(new double[] {0.9, 0.8}, new boolean[] {false, false});

    assertThat(ranking.averagePrecision()).isNaN();
    assertThat(ranking.auroc()).isNaN();
  }

  @Property
  void binsMergeToTheSameRanking(
      @ForAll @Size(min = 2, max = 40) List<@DoubleRange(min = 0, max = 1) Double> values) {
    double[] scores = values.stream().mapToDouble(v -> Math.round(v * 10) / 10.0).toArray();
    boolean[] bad = new boolean[scores.length];
    for (int i = 0; i < bad.length; i++) {
      bad[i] = i % 3 == 0;
    }
    Ranking whole = Ranking.of(scores, bad);

    assertThat(whole.auroc()).isBetween(0.0, 1.0);
    double pairs = 0;
    double won = 0;
    for (int i = 0; i < bad.length; i++) {
      for (int j = 0; j < bad.length; j++) {
        if (bad[i] && !bad[j]) {
          pairs++;
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    assertThat(whole.auroc()).isCloseTo(won / pairs, within(1e-9));
    assertThat(whole.drawn(5)).last().isEqualTo(whole.curve().get(whole.curve().size() - 1));
  }

  /** Wilson's interval for 8 of 10 as published in textbooks: 0.490 to 0.943. */
  @Test
  void wilson() {
    Interval share = Interval.share(8, 10);

    assertThat(share.lower()).isCloseTo(0.4902, within(1e-4));
    assertThat(share.upper()).isCloseTo(0.9433, within(1e-4));
    assertThat(Interval.share(0, 0).value()).isNaN();
  }

  @Test
  void meanOfNormalApproximation() {
    Interval mean = Interval.mean(new double[] {1, 2, 3, 4});

    assertThat(mean.value()).isEqualTo(2.5);
    assertThat(mean.upper() - mean.value())
        .isCloseTo(1.959964 * Math.sqrt(5.0 / 3 / 4), within(1e-6));
  }

  @Test
  void aucIntervalNarrowsWithRows() {
    Interval few = Interval.auc(0.8, 10, 10);
    Interval many = Interval.auc(0.8, 1000, 1000);

    assertThat(many.upper() - many.lower()).isLessThan((few.upper() - few.lower()) / 5);
  }
}
