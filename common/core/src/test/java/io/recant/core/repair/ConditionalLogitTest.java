package io.recant.core.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConditionalLogitTest {

  private record Choice(double[][] features, int excluded, int taken) {}

  /** Softmax by hand: exp(1), exp(0), the third is no alternative. */
  @Test
  void sharesByExponentials() {
    double[] p =
        new ConditionalLogit(new double[] {2, 1})
            .probabilities(new double[][] {{0.5, 0}, {0, 0}, {9, 9}}, 2);

    double e = Math.E;
    assertThat(p[0]).isCloseTo(e / (e + 1), within(1e-12));
    assertThat(p[1]).isCloseTo(1 / (e + 1), within(1e-12));
    assertThat(p[2]).isZero();
  }

  /**
   * One indicator, two alternatives, taken a of n times where it is 1: without a prior the weight
   * would be ln(a / (n - a)); with it, a - n sigmoid(w) = w - start.
   */
  @Test
  void findsTheRootOfTheSlope() {
    List<Choice> rows = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      rows.add(new Choice(new double[][] {{1}, {0}, {0}}, 2, i < 800 ? 0 : 1));
    }

    double w = fit(rows, 1).weights()[0];

    assertThat(800 - 1000 / (1 + Math.exp(-w))).isCloseTo(w - 1, within(1e-4));
    assertThat(w).isCloseTo(Math.log(4), within(0.01));
  }

  @Test
  void recoversTheWeightsOfASimulation() {
    double[] truth = {1.5, -0.7, 0.4};
    Random random = new Random(3);
    List<Choice> rows = new ArrayList<>();
    for (int i = 0; i < 20000; i++) {
      double[][] x = new double[5][3];
      for (double[] alternative : x) {
        for (int j = 0; j < 3; j++) {
          alternative[j] = random.nextGaussian();
        }
      }
      int excluded = random.nextInt(5);
      double[] p = new ConditionalLogit(truth).probabilities(x, excluded);
      double at = random.nextDouble();
      int taken = excluded == 0 ? 1 : 0;
      for (int k = 0; k < 5 && at >= 0; k++) {
        taken = p[k] > 0 ? k : taken;
        at -= p[k];
      }
      rows.add(new Choice(x, excluded, taken));
    }

    assertThat(fit(rows, 3).weights()).containsExactly(truth, within(0.06));
  }

  @Test
  void withoutRowsTheStartRemains() {
    assertThat(fit(List.of(), 2).weights()).containsExactly(1, 1);
  }

  /** Separable rows have no finite optimum without the prior. */
  @Test
  void staysFiniteWhereRowsAreSeparable() {
    List<Choice> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      rows.add(new Choice(new double[][] {{50, 1}, {0, 0}}, -1, 0));
    }

    for (double w : fit(rows, 2).weights()) {
      assertThat(w).isBetween(0.9, 2.0);
    }
  }

  @Test
  void theOrderOfRowsDoesNotShow() {
    Random random = new Random(5);
    List<Choice> rows = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      double[][] x = {{random.nextGaussian(), 1}, {random.nextGaussian(), 0}};
      rows.add(new Choice(x, -1, random.nextInt(2)));
    }
    List<Choice> reversed = new ArrayList<>(rows);
    java.util.Collections.reverse(reversed);

    assertThat(fit(reversed, 2).weights()).containsExactly(fit(rows, 2).weights());
  }

  private static ConditionalLogit fit(List<Choice> rows, int features) {
    double[] start = new double[features];
    java.util.Arrays.fill(start, 1);
    ConditionalLogit.Fit fit = ConditionalLogit.Fit.from(start);
    while (!fit.resolved()) {
      ConditionalLogit.Pass odd = fit.pass();
      ConditionalLogit.Pass even = fit.pass();
      for (int i = 0; i < rows.size(); i++) {
        Choice row = rows.get(i);
        (i % 2 == 0 ? even : odd).add(row.features(), row.excluded(), row.taken());
      }
      fit = fit.after(odd.merge(even));
    }
    return fit.model();
  }
}
