package io.recant.core.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ForwardSelectionTest {

  private static final int FEATURES = 12;
  private static final List<int[]> EACH =
      IntStream.range(0, FEATURES).mapToObj(column -> new int[] {column}).toList();

  /** Bad rows are two higher in feature 4 and in feature 9; the others tell nothing. */
  private static TiltedMixture.Rows rows(int canaries, long seed) {
    Random random = new Random(seed);
    int n = 4000 + canaries;
    TiltedMixture.Rows rows = new TiltedMixture.Rows(new double[n][], new double[n], new double[n]);
    for (int i = 0; i < n; i++) {
      boolean bad = i >= 4000 || i < 200;
      rows.features()[i] =
          IntStream.range(0, FEATURES)
              .mapToDouble(j -> random.nextGaussian() + (bad && (j == 4 || j == 9) ? 2 : 0))
              .toArray();
      (i < 4000 ? rows.samples() : rows.canaries())[i] = 1;
    }
    return rows;
  }

  @Test
  void whatTellsIsChosenAndChanceIsNot() {
    int chance = 0;
    for (int seed = 0; seed < 10; seed++) {
      List<Integer> chosen = ForwardSelection.of(rows(40, seed), EACH, FEATURES, 1e-4);

      assertThat(chosen).contains(4, 9).isSorted();
      chance += chosen.size() - 2;
    }
    assertThat(chance).isLessThan(10);
  }

  /** A weight each for twelve features makes too little of what is bad; two weights do not. */
  @Test
  void theShareOfFewCanariesIsCloserToTheTruth() {
    double all = 0;
    double some = 0;
    for (int seed = 0; seed < 10; seed++) {
      TiltedMixture.Rows rows = rows(40, seed);
      int[] chosen =
          ForwardSelection.of(rows, EACH, FEATURES, 1e-4).stream().mapToInt(i -> i).toArray();
      all += off(TiltedMixture.fit(rows, FEATURES, 1e-4));
      some += off(TiltedMixture.fit(rows.of(chosen), chosen.length, 1e-4));
    }

    assertThat(some).isLessThan(all);
  }

  private static double off(TiltedMixture fit) {
    return Math.pow(fit.share() - 0.05, 2);
  }

  @Test
  void groupsAreTakenWhole() {
    TiltedMixture.Rows rows = rows(200, 1);

    assertThat(ForwardSelection.of(rows, List.of(new int[] {0, 4}, new int[] {9}), 10, 1e-4))
        .containsExactly(0, 1);
    assertThat(
            ForwardSelection.of(
                rows, List.of(new int[] {0, 1, 2, 3}, new int[] {4}, new int[] {9}), 10, 1e-4))
        .containsExactly(1, 2);
  }

  @Test
  void theBestIsChosenEvenWhereNothingTells() {
    TiltedMixture.Rows rows = rows(40, 3);

    assertThat(ForwardSelection.of(rows, List.of(new int[] {0}, new int[] {1}), 2, 1e-4))
        .hasSize(1);
    assertThatThrownBy(() -> ForwardSelection.of(rows, List.of(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
