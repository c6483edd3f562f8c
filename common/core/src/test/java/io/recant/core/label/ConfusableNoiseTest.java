package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfusableNoiseTest {

  private static final int CLASSES = 4;

  @Test
  void rightAndWrongAddUpToTheProbabilityOfEveryLabel() {
    ConfusableNoise noise = ConfusableNoise.alike(1.5, 0.6, -1, 0.4, CLASSES);
    double[] p = {0.5, 0.3, 0.15, 0.05};
    double sum = 0;
    for (int given = 0; given < CLASSES; given++) {
      double[] split = noise.split(given, p);
      sum += split[0] + split[1];
    }
    assertThat(sum).isEqualTo(1, within(1e-12));
  }

  @Test
  void twoClassesAreTheClosedForm() {
    ConfusableNoise noise = ConfusableNoise.alike(1, 1, Math.log(0.25), 0, 2);
    double[] split = noise.split(0, new double[] {0.7, 0.3});
    assertThat(split[0]).isEqualTo(0.7 * 0.8, within(1e-12));
    assertThat(split[1]).isEqualTo(0.3 * 0.2, within(1e-12));
    assertThat(noise.errors(0, new double[] {0.7, 0.3}))
        .isEqualTo(0.56 / 0.62 * 0.25, within(1e-12));
    assertThat(noise.confusions(0, new double[] {0.7, 0.3})[1]).isEqualTo(1, within(1e-6));
    assertThat(noise.wrong(0, new double[] {0.7, 0.3})).isEqualTo(0.06 / 0.62, within(1e-12));
    assertThat(noise.truth(0, new double[] {0.7, 0.3})[1]).isEqualTo(0.06 / 0.62, within(1e-12));
  }

  @Test
  void whatPeopleConfuseIsNotTakenForDoubtOfTheModel() {
    double[][] confusions = ConfusableNoise.alike(1, 1, 0, 0, CLASSES).confusions();
    confusions[0] = new double[] {0, 2.8, 0.1, 0.1};
    confusions[1] = new double[] {2.8, 0, 0.1, 0.1};
    ConfusableNoise truth = new ConfusableNoise(2, 0.3, -0.5, 0.3, confusions);
    List<ConfusableNoiseFit.Label> rows = drawn(truth, 20000, 4);
    double share =
        rows.stream().mapToDouble(r -> truth.wrong(r.given(), r.p())).average().orElse(0);

    ConfusableNoise found = ConfusableNoiseFit.of(rows).noise();

    double foundShare =
        rows.stream().mapToDouble(r -> found.wrong(r.given(), r.p())).average().orElse(0);
    assertThat(found.sharpness()).isEqualTo(2, within(0.3));
    assertThat(foundShare).isEqualTo(share, within(0.03));
    assertThat(found.confusions()[0][1]).isGreaterThan(2);
    assertThat(found.confusions()[0][2]).isLessThan(0.6);
    double[] even = {found.confusions()[2][0], found.confusions()[2][1], found.confusions()[2][3]};
    assertThat(even).contains(new double[] {1, 1, 1}, within(0.4));
  }

  @Test
  void errorsThatGrowWithDoubtAreToldFromThoseThatDoNot() {
    ConfusableNoise truth = ConfusableNoise.alike(1.6, 0.7, -1, 0.6, CLASSES);
    ConfusableNoiseFit fit = ConfusableNoiseFit.of(drawn(truth, 8000, 1));
    assertThat(fit.growsWithDoubt()).isTrue();
    assertThat(fit.evidence()).isGreaterThan(10.83);
    assertThat(fit.noise().slope()).isEqualTo(0.6, within(0.3));
    assertThat(fit.noise().sharpness()).isEqualTo(1.6, within(0.4));

    ConfusableNoise flat = ConfusableNoise.alike(1.6, 0.7, -2, 0, CLASSES);
    ConfusableNoiseFit none = ConfusableNoiseFit.of(drawn(flat, 8000, 2));
    assertThat(none.growsWithDoubt()).isFalse();
    assertThat(none.evidence()).isLessThan(10.83);
  }

  /** With forty classes and a thousand errors, confusions that were fitted are mostly chance. */
  @Test
  void manyClassesAreNoEvidence() {
    int classes = 40;
    ConfusableNoise flat = ConfusableNoise.alike(1.5, 0.1, -2, 0, classes);
    for (long seed = 1; seed <= 3; seed++) {
      assertThat(ConfusableNoiseFit.of(drawn(flat, 5000, classes, seed)).growsWithDoubt())
          .isFalse();
    }
  }

  @Test
  void theSameRowsGiveTheSameFit() {
    List<ConfusableNoiseFit.Label> rows =
        drawn(ConfusableNoise.alike(1.2, 0.5, -2, 0.3, CLASSES), 500, 3);
    assertThat(ConfusableNoiseFit.of(rows))
        .usingRecursiveComparison()
        .isEqualTo(ConfusableNoiseFit.of(rows));
  }

  /** Rows whose labels are drawn as the model says. */
  private static List<ConfusableNoiseFit.Label> drawn(ConfusableNoise noise, int rows, long seed) {
    return drawn(noise, rows, CLASSES, seed);
  }

  private static List<ConfusableNoiseFit.Label> drawn(
      ConfusableNoise noise, int rows, int classes, long seed) {
    Random random = new Random(seed);
    List<ConfusableNoiseFit.Label> labels = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      double[] p = new double[classes];
      Arrays.setAll(p, k -> Math.exp(2 * random.nextGaussian()));
      double sum = Arrays.stream(p).sum();
      Arrays.setAll(p, k -> p[k] / sum);
      double at = random.nextDouble();
      int given = -1;
      while (given < classes - 1 && at >= 0) {
        given++;
        double[] split = noise.split(given, p);
        at -= split[0] + split[1];
      }
      labels.add(new ConfusableNoiseFit.Label(given, p));
    }
    return labels;
  }
}
