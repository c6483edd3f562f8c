package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OpinionPoolTest {

  /** Labels drawn from the pool of two random models with these exponents; a third is noise. */
  private static List<OpinionPool.Labelled> drawn(double[] exponents, int rows) {
    SplittableRandom random = new SplittableRandom(8);
    List<OpinionPool.Labelled> drawn = new ArrayList<>();
    OpinionPool truth = new OpinionPool(exponents);
    for (int i = 0; i < rows; i++) {
      double[][] p = new double[exponents.length][4];
      for (double[] row : p) {
        double sum = 0;
        for (int k = 0; k < 4; k++) {
          row[k] = Math.exp(1.5 * random.nextGaussian());
          sum += row[k];
        }
        double all = sum;
        Arrays.setAll(row, k -> row[k] / all);
      }
      double[] joint = truth.join(p);
      double at = random.nextDouble();
      int given = 0;
      while (given < 3 && at >= joint[given]) {
        at -= joint[given++];
      }
      drawn.add(new OpinionPool.Labelled(given, p));
    }
    return drawn;
  }

  @Test
  void exponentsThatMadeTheLabelsAreFound() {
    double[] made = {0.9, 0.4, 0};
    double[] found = OpinionPool.fit(drawn(made, 20_000), 3).exponents();
    for (int m = 0; m < 3; m++) {
      assertThat(found[m]).isCloseTo(made[m], within(0.04));
    }
  }

  @Test
  void oneModelThatIsTooSureIsTempered() {
    assertThat(OpinionPool.fit(drawn(new double[] {0.5}, 20_000), 1).exponents()[0])
        .isCloseTo(0.5, within(0.03));
  }

  @Test
  void modelsThatSayTheSameShareTheWeight() {
    List<OpinionPool.Labelled> twice =
        drawn(new double[] {0.8}, 5000).stream()
            .map(
                row ->
                    new OpinionPool.Labelled(row.given(), new double[][] {row.p()[0], row.p()[0]}))
            .toList();
    double[] found = OpinionPool.fit(twice, 2).exponents();
    assertThat(found[0]).isCloseTo(found[1], within(1e-9));
    assertThat(found[0] + found[1]).isCloseTo(0.8, within(0.06));
  }

  @Test
  void theJointIsTheNormalisedGeometricMean() {
    double[] joint =
        new OpinionPool(new double[] {0.5, 0.5}).join(new double[][] {{0.8, 0.2}, {0.2, 0.8}});
    assertThat(joint).containsExactly(new double[] {0.5, 0.5}, within(1e-12));
    assertThat(OpinionPool.fit(List.of(), 2).exponents()).containsExactly(0.5, 0.5);
    assertThat(new OpinionPool(new double[] {1}).join(new double[][] {{0, 1}})[1])
        .isCloseTo(1, within(1e-8));
  }

  @Test
  void whereAModelIsSilentTheOthersSpeakForIt() {
    OpinionPool pool = new OpinionPool(new double[] {0.75, 0.25, 0});
    double[] p = {0.7, 0.3};
    double[] none = {};
    assertThat(pool.joinThose(new double[][] {none, p, none})).containsExactly(p, within(1e-12));
    assertThat(pool.joinThose(new double[][] {none, none, p})).containsExactly(p, within(1e-12));
    assertThat(pool.joinThose(new double[][] {p, p, p})).containsExactly(p, within(1e-12));
  }
}
