package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers are cleanlab 2.9.0's for the rows below; nobody is given the fourth class. */
class ConfidentLearningTest {

  private static final int[] LABELS = {
    2, 0, 0, 0, 0, 2, 2, 1, 0, 0, 0, 2, 1, 1, 0, 0, 2, 2, 0, 0, 1, 1, 2, 1, 1, 1, 1, 1, 0, 2, 2, 2,
    2, 2, 0, 1, 1, 2, 2, 0
  };

  private static final double[][] P = {
    {0.024, 0.121, 0.848, 0.007},
    {0.285, 0.145, 0.057, 0.513},
    {0.189, 0.198, 0.049, 0.564},
    {0.413, 0.065, 0.017, 0.505},
    {0.588, 0.131, 0.193, 0.088},
    {0.076, 0.065, 0.291, 0.568},
    {0.044, 0.104, 0.615, 0.237},
    {0.420, 0.303, 0.042, 0.235},
    {0.786, 0.111, 0.065, 0.038},
    {0.632, 0.082, 0.238, 0.048},
    {0.570, 0.100, 0.191, 0.139},
    {0.342, 0.535, 0.119, 0.004},
    {0.144, 0.492, 0.344, 0.020},
    {0.191, 0.770, 0.016, 0.023},
    {0.158, 0.082, 0.149, 0.611},
    {0.287, 0.168, 0.091, 0.454},
    {0.251, 0.469, 0.182, 0.098},
    {0.031, 0.314, 0.603, 0.052},
    {0.531, 0.303, 0.092, 0.074},
    {0.356, 0.577, 0.038, 0.029},
    {0.056, 0.214, 0.306, 0.424},
    {0.106, 0.656, 0.118, 0.120},
    {0.034, 0.100, 0.793, 0.073},
    {0.110, 0.349, 0.127, 0.414},
    {0.077, 0.443, 0.260, 0.220},
    {0.607, 0.062, 0.262, 0.069},
    {0.066, 0.599, 0.171, 0.164},
    {0.046, 0.889, 0.030, 0.035},
    {0.453, 0.026, 0.395, 0.126},
    {0.628, 0.069, 0.218, 0.085},
    {0.205, 0.055, 0.644, 0.096},
    {0.267, 0.027, 0.678, 0.028},
    {0.113, 0.145, 0.402, 0.340},
    {0.606, 0.057, 0.090, 0.247},
    {0.730, 0.151, 0.094, 0.025},
    {0.367, 0.133, 0.330, 0.170},
    {0.337, 0.458, 0.048, 0.157},
    {0.082, 0.120, 0.672, 0.126},
    {0.163, 0.085, 0.729, 0.023},
    {0.356, 0.028, 0.285, 0.331},
  };

  @Test
  void thresholdsAreTheMeanProbabilityOfTheGivenClass() {
    assertThat(thresholds(order(0)).thresholds())
        .containsExactly(
            new double[] {0.4524285714285714, 0.44733333333333336, 0.49171428571428566, 2},
            within(1e-15));
  }

  @Test
  void theJointCountsConfidentClasses() {
    ConfidentJoint joint = joint(order(0));
    assertThat(joint.counts())
        .isDeepEqualTo(new long[][] {{7, 1, 0, 0}, {1, 6, 0, 0}, {2, 2, 8, 0}, {0, 0, 0, 1}});
    assertThat(joint.calibrated(thresholds(order(0)).counts()))
        .isDeepEqualTo(new long[][] {{12, 2, 0, 0}, {2, 10, 0, 0}, {3, 2, 9, 0}, {0, 0, 0, 0}});
    assertThat(joint.issues()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({
    "PRUNE_BY_NOISE_RATE, 2 11 16 19 25 29 33 35",
    "PRUNE_BY_CLASS, 2 5 11 14 16 25 29 33 35",
    "BOTH, 2 11 16 25 29 33 35",
    "CONFIDENT_LEARNING, 11 16 19 25 29 33",
    "PREDICTED_NEQ_GIVEN, 1 2 3 5 7 11 14 15 16 19 20 23 25 29 33 35",
    "LOW_NORMALIZED_MARGIN, 2 11 14 25 29 33",
    "LOW_SELF_CONFIDENCE, 11 14 16 25 33 35",
    "BATCHED, 11 14 16 25 33 35"
  })
  void filtersFlagTheRowsCleanlabFlags(LabelFilter filter, String rows) {
    assertThat(flagged(filter, order(0))).isEqualTo(rows);
  }

  @Property(tries = 20)
  void theOrderAndTheSplitOfRowsChangeNothing(
      @ForAll long seed, @ForAll LabelFilter filter, @ForAll @IntRange(max = 40) int split) {
    List<Integer> order = order(seed);
    ClassThresholds first = thresholds(order.subList(0, split));
    ClassThresholds merged = first.merge(thresholds(order.subList(split, P.length)));
    assertThat(merged.thresholds()).containsExactly(thresholds(order(0)).thresholds());
    assertThat(flagged(filter, order)).isEqualTo(flagged(filter, order(0)));
  }

  @Test
  void scoresAreOneMinusCleanlabs() {
    double[] confidence = {0.848, 0.285, 0.189, 0.413};
    double[] margin = {0.8634999999999999, 0.386, 0.3125, 0.45399999999999996};
    double[] entropy = {
      0.8281240368199284, 0.46973348766314565, 0.3914717306990458, 0.5878413463385992
    };
    for (int i = 0; i < 4; i++) {
      assertThat(LabelScore.SELF_CONFIDENCE.score(P[i], LABELS[i]))
          .isEqualTo(1 - confidence[i], within(1e-12));
      assertThat(LabelScore.NORMALIZED_MARGIN.score(P[i], LABELS[i]))
          .isEqualTo(1 - margin[i], within(1e-12));
      assertThat(LabelScore.CONFIDENCE_WEIGHTED_ENTROPY.score(P[i], LABELS[i]))
          .isEqualTo(1 - entropy[i], within(1e-12));
    }
    assertThat(LabelScore.LOG_RATIO.score(P[0], 2)).isEqualTo(0.121 / 0.969, within(1e-12));
  }

  @Test
  void oneRowAndOneClassHaveAnAnswer() {
    for (LabelScore score : LabelScore.values()) {
      assertThat(score.score(new double[] {1}, 0)).isEqualTo(0);
    }
    ClassThresholds one = new ClassThresholds(1);
    one.add(0, new double[] {1});
    ConfidentJoint joint = new ConfidentJoint(one.thresholds());
    joint.add(0, new double[] {1});
    for (LabelFilter filter : LabelFilter.values()) {
      IssueFilter made = IssueFilter.of(filter, one, joint);
      assertThat(made.resolved()).isTrue();
      assertThat(made.flags(0, new double[] {1}, 7)).isFalse();
    }
  }

  @Property(tries = 200)
  void roundingKeepsTheSum(@ForAll @IntRange(min = 1, max = 30) int size, @ForAll long seed) {
    Random random = new Random(seed);
    double[] numbers = random.doubles(size, 0, 20).toArray();
    long[] rounded = Calibration.roundKeepingSum(numbers);
    double sum = 0;
    long whole = 0;
    for (int i = 0; i < size; i++) {
      sum += numbers[i];
      whole += rounded[i];
      assertThat((double) rounded[i]).isCloseTo(numbers[i], within(1.5));
    }
    assertThat(whole).isEqualTo((long) Math.rint(sum));
  }

  @Property(tries = 200)
  void selectionFindsTheLargest(
      @ForAll @IntRange(min = 1, max = 300) int rows,
      @ForAll @IntRange(max = 300) int wanted,
      @ForAll long seed) {
    Random random = new Random(seed);
    long[] keys =
        random
            .doubles(rows, -1, 1)
            .mapToLong(v -> Selection.key(Math.rint(v * 20) / 20, random.nextLong()))
            .toArray();
    Selection selection = Selection.of(new long[] {wanted});
    while (!selection.resolved()) {
      Selection.Pass pass = selection.pass();
      for (long key : keys) {
        pass.add(0, key);
      }
      selection = selection.after(pass);
    }
    long[] sorted = LongSorted.falling(keys);
    int found = 0;
    for (long key : keys) {
      if (selection.selects(0, key)) {
        found++;
        assertThat(key).isGreaterThanOrEqualTo(sorted[Math.min(wanted, rows) - 1]);
      }
    }
    assertThat(found).isEqualTo(Math.min(wanted, rows));
  }

  /** Keys from the largest. */
  private static final class LongSorted {
    static long[] falling(long[] keys) {
      return java.util.Arrays.stream(keys)
          .boxed()
          .sorted(Collections.reverseOrder())
          .mapToLong(k -> k)
          .toArray();
    }
  }

  private static List<Integer> order(long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, P.length).boxed().toList());
    if (seed != 0) {
      Collections.shuffle(order, new Random(seed));
    }
    return order;
  }

  private static ClassThresholds thresholds(List<Integer> rows) {
    ClassThresholds thresholds = new ClassThresholds(4);
    rows.forEach(i -> thresholds.add(LABELS[i], P[i]));
    return thresholds;
  }

  private static ConfidentJoint joint(List<Integer> rows) {
    ConfidentJoint joint = new ConfidentJoint(thresholds(rows).thresholds());
    rows.forEach(i -> joint.add(LABELS[i], P[i]));
    return joint;
  }

  private static String flagged(LabelFilter kind, List<Integer> rows) {
    IssueFilter filter = IssueFilter.of(kind, thresholds(rows), joint(rows));
    while (!filter.resolved()) {
      IssueFilter.Pass pass = filter.pass();
      IssueFilter.Pass other = filter.pass();
      rows.forEach(i -> (i % 2 == 0 ? pass : other).add(LABELS[i], P[i], i * 0x9E3779B97F4A7C15L));
      filter = filter.after(pass.merge(other));
    }
    List<String> flagged = new ArrayList<>();
    for (int i = 0; i < P.length; i++) {
      if (filter.flags(LABELS[i], P[i], i * 0x9E3779B97F4A7C15L)) {
        flagged.add(Integer.toString(i));
      }
    }
    return String.join(" ", flagged);
  }
}
