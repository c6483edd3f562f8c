package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
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

/**
 * The numbers are cleanlab 2.9.0's for the rows below; nobody is given the fourth class. (Its
 * batched form lets a class without rows be reached; ours does not, so that its row is derived by
 * hand.)
 */
class ConfidentLearningTest {

  private static final int[] LABELS = {
    1, 0, 1, 1, 2, 1, 0, 1, 1, 2, 0, 1, 1, 2, 2, 0, 2, 0, 1, 0, 1, 0, 2, 2, 2, 0, 1, 1, 1, 2, 2, 2,
    0, 0, 1, 0, 1, 1, 0, 1
  };

  private static final double[][] P = {
    {0.379, 0.123, 0.277, 0.221},
    {0.157, 0.411, 0.253, 0.179},
    {0.221, 0.362, 0.346, 0.071},
    {0.098, 0.401, 0.471, 0.030},
    {0.101, 0.499, 0.355, 0.045},
    {0.180, 0.454, 0.312, 0.054},
    {0.093, 0.667, 0.215, 0.025},
    {0.631, 0.277, 0.033, 0.059},
    {0.153, 0.427, 0.204, 0.216},
    {0.046, 0.026, 0.924, 0.004},
    {0.450, 0.343, 0.162, 0.045},
    {0.090, 0.422, 0.017, 0.471},
    {0.176, 0.739, 0.029, 0.056},
    {0.061, 0.230, 0.427, 0.282},
    {0.041, 0.163, 0.595, 0.201},
    {0.288, 0.052, 0.480, 0.180},
    {0.139, 0.126, 0.501, 0.234},
    {0.162, 0.149, 0.170, 0.519},
    {0.058, 0.690, 0.071, 0.181},
    {0.644, 0.153, 0.142, 0.061},
    {0.099, 0.679, 0.156, 0.066},
    {0.789, 0.006, 0.012, 0.193},
    {0.043, 0.177, 0.714, 0.066},
    {0.037, 0.033, 0.692, 0.238},
    {0.019, 0.192, 0.385, 0.404},
    {0.713, 0.060, 0.087, 0.140},
    {0.118, 0.648, 0.198, 0.036},
    {0.148, 0.076, 0.661, 0.115},
    {0.150, 0.303, 0.176, 0.371},
    {0.060, 0.252, 0.639, 0.049},
    {0.211, 0.012, 0.538, 0.239},
    {0.045, 0.052, 0.661, 0.242},
    {0.578, 0.106, 0.208, 0.108},
    {0.396, 0.245, 0.292, 0.067},
    {0.705, 0.050, 0.221, 0.024},
    {0.195, 0.025, 0.392, 0.388},
    {0.150, 0.679, 0.086, 0.085},
    {0.036, 0.277, 0.542, 0.145},
    {0.031, 0.392, 0.553, 0.024},
    {0.243, 0.601, 0.051, 0.105},
  };

  @Test
  void thresholdsAreTheMeanProbabilityOfTheGivenClass() {
    assertThat(thresholds(order(0)).thresholds())
        .containsExactly(
            new double[] {0.37466666666666665, 0.42399999999999993, 0.5846363636363637, 2},
            within(1e-15));
  }

  @Test
  void theJointCountsConfidentClasses() {
    ConfidentJoint joint = joint(order(0));
    assertThat(joint.counts())
        .isDeepEqualTo(new long[][] {{6, 1, 0, 0}, {3, 8, 1, 0}, {0, 1, 6, 0}, {0, 0, 0, 1}});
    assertThat(joint.calibrated(thresholds(order(0)).counts()))
        .isDeepEqualTo(new long[][] {{10, 2, 0, 0}, {4, 11, 2, 0}, {0, 2, 9, 0}, {0, 0, 0, 0}});
    assertThat(joint.issues()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({
    "PRUNE_BY_NOISE_RATE, 0 4 6 7 24 27 34 37 38",
    "PRUNE_BY_CLASS, 0 4 6 7 24 27 28 34 37 38",
    "BOTH, 0 4 6 7 24 27 34 37 38",
    "CONFIDENT_LEARNING, 0 4 6 7 27 34",
    "PREDICTED_NEQ_GIVEN, 0 1 3 4 6 7 11 15 17 24 27 28 34 35 37 38",
    "LOW_NORMALIZED_MARGIN, 6 7 17 27 34 38",
    "LOW_SELF_CONFIDENCE, 0 1 6 27 34 38",
    "BATCHED, 0 1 6 27 34 38"
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
    double[] confidence = {0.123, 0.157, 0.362, 0.401};
    double[] margin = {0.372, 0.373, 0.508, 0.465};
    double[] entropy = {
      0.2807332373243502, 0.32350041306071653, 0.5007841148179477, 0.5608524821443727
    };
    for (int i = 0; i < 4; i++) {
      assertThat(LabelScore.SELF_CONFIDENCE.score(P[i], LABELS[i]))
          .isEqualTo(1 - confidence[i], within(1e-12));
      assertThat(LabelScore.NORMALIZED_MARGIN.score(P[i], LABELS[i]))
          .isEqualTo(1 - margin[i], within(1e-12));
      assertThat(LabelScore.CONFIDENCE_WEIGHTED_ENTROPY.score(P[i], LABELS[i]))
          .isEqualTo(1 - entropy[i], within(1e-12));
    }
    assertThat(LabelScore.LOG_RATIO.score(P[0], 1)).isEqualTo(0.379 / 0.502, within(1e-12));
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
  void whatTheFirstPassLeavesUndecidedIsAllTheOthersNeed(
      @ForAll LabelFilter kind,
      @ForAll @IntRange(min = 2, max = 5) int classes,
      @ForAll @IntRange(min = 1, max = 400) int rows,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[][] p = new double[rows][];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      // Whole numbers, so that probabilities tie; the last class is never given.
      int[] drawn = random.ints(classes, 1, 5).toArray();
      int sum = Arrays.stream(drawn).sum();
      p[i] = Arrays.stream(drawn).mapToDouble(x -> (double) x / sum).toArray();
      labels[i] = random.nextInt(classes - 1);
    }
    ClassThresholds thresholds = new ClassThresholds(classes);
    IntStream.range(0, rows).forEach(i -> thresholds.add(labels[i], p[i]));
    ConfidentJoint joint = new ConfidentJoint(thresholds.thresholds());
    IntStream.range(0, rows).forEach(i -> joint.add(labels[i], p[i]));
    IssueFilter all = IssueFilter.of(kind, thresholds, joint);
    IssueFilter few = all;
    IssueFilter.Undecided undecided = null;
    while (!all.resolved()) {
      IssueFilter.Pass pass = all.pass();
      IntStream.range(0, rows).forEach(i -> pass.add(labels[i], p[i], i * 0x9E3779B97F4A7C15L));
      all = all.after(pass);
      IssueFilter.Pass other = undecided == null ? pass : few.pass();
      if (undecided != null) {
        other.add(undecided);
      }
      few = few.after(other);
      if (undecided == null && !few.needsAllRows()) {
        undecided = few.undecided();
        for (int i = 0; i < rows; i++) {
          undecided.add(labels[i], p[i], i * 0x9E3779B97F4A7C15L);
        }
      }
    }
    assertThat(few.resolved()).isTrue();
    for (int i = 0; i < rows; i++) {
      assertThat(few.flags(labels[i], p[i], i * 0x9E3779B97F4A7C15L))
          .isEqualTo(all.flags(labels[i], p[i], i * 0x9E3779B97F4A7C15L));
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
    Selection found = selection;
    long[] selected = Arrays.stream(keys).filter(key -> found.selects(0, key)).toArray();
    long least = Arrays.stream(selected).min().orElse(Long.MAX_VALUE);
    assertThat(selected.length).isGreaterThanOrEqualTo(Math.min(wanted, rows));
    assertThat(Arrays.stream(keys).filter(key -> key > least).count())
        .isLessThan(Math.max(1, Math.min(wanted, rows)));
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
