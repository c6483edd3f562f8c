package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoiseTransitionTest {

  private static final double[][] T = {{0.7, 0.3, 0}, {0.1, 0.8, 0.1}, {0, 0.05, 0.95}};

  @Test
  void theTruthIsFoundBehindTheTransition() {
    NoiseTransition transition = new NoiseTransition(T);
    double[] q = {0.9, 0.08, 0.02};
    double[] p = new double[3];
    for (int j = 0; j < 3; j++) {
      for (int k = 0; k < 3; k++) {
        p[j] += q[k] * T[k][j];
      }
    }
    double[] found = transition.truth(p);
    assertThat(Arrays.stream(found).sum()).isEqualTo(1, within(1e-12));
    assertThat(found[0]).isEqualTo(0.9, within(0.02));
    assertThat(found[1]).isEqualTo(0.08, within(0.02));
  }

  @Test
  void theGivenLabelIsWrongWithThePosteriorOfTheOthers() {
    NoiseTransition transition = new NoiseTransition(T);
    double[] q = {0.5, 0.5, 0};
    assertThat(transition.wrong(q, 1))
        .isEqualTo(0.5 * 0.3 / (0.5 * 0.3 + 0.5 * 0.8), within(1e-12));
    assertThat(transition.suggestion(q, 1)).isEqualTo(1);
    assertThat(transition.wrong(new double[] {1, 0, 0}, 2)).isEqualTo(1);
    assertThat(new NoiseTransition(new double[][] {{1}}).wrong(new double[] {1}, 0)).isZero();
  }

  @Test
  void plantedConfusionAndFlipsAreEstimated() {
    int classes = 10;
    int rows = 20000;
    Random random = new Random(5);
    int[] given = new int[rows];
    double[][] p = new double[rows][];
    for (int i = 0; i < rows; i++) {
      int truth = random.nextInt(classes);
      given[i] = truth;
      if (truth == 2 && random.nextDouble() < 0.25) {
        given[i] = 7;
      } else if (random.nextDouble() < 0.1) {
        given[i] = random.nextInt(classes);
      }
      double sure = 0.5 + 0.4 * random.nextDouble();
      double[] q = new double[classes];
      Arrays.fill(q, 0.1 / classes);
      q[truth] += sure;
      q[(truth + 1) % classes] += 0.9 - sure;
      p[i] = given(q);
    }
    NoiseTransition found = estimate(given, p, classes);
    assertThat(found.matrix()[2][7]).isEqualTo(0.25, within(0.06));
    assertThat(found.matrix()[4][4]).isEqualTo(0.91, within(0.03));
    assertThat(found.matrix()[4][7]).isEqualTo(0.01, within(0.01));
    for (double[] row : found.matrix()) {
      assertThat(Arrays.stream(row).sum()).isEqualTo(1, within(1e-9));
    }
  }

  @Test
  void theJointOfTrueAndGivenClassIsExpectedFromTheRows() {
    Random random = new Random(7);
    NoiseTransition transition = new NoiseTransition(T);
    ExpectedJoint joint = new ExpectedJoint(transition);
    ExpectedJoint other = new ExpectedJoint(transition);
    int[][] counts = new int[3][3];
    int rows = 6000;
    for (int i = 0; i < rows; i++) {
      int k = random.nextInt(3);
      double u = random.nextDouble();
      int given = 0;
      while (given < 2 && u >= T[k][given]) {
        u -= T[k][given++];
      }
      counts[k][given]++;
      (i % 2 == 0 ? joint : other).add(given, T[k]);
    }
    double[][] expected = joint.merge(other).counts();
    assertThat(Arrays.stream(expected).flatMapToDouble(Arrays::stream).sum())
        .isCloseTo(rows, within(1e-6));
    assertThat(expected[0][1]).isCloseTo(counts[0][1], withinPercentage(10));
    assertThat(expected[1][0]).isCloseTo(counts[1][0], withinPercentage(20));
    assertThat(expected[0][2]).isZero();
  }

  /** The matrix of flips and few confusions is not multiplied out: the dense one must agree. */
  @Test
  void theBackgroundIsOneProductForAllClasses() {
    Random random = new Random(3);
    int classes = 12;
    double[] base = random.doubles(classes, 0.5, 1.5).toArray();
    double sum = Arrays.stream(base).sum();
    Arrays.setAll(base, j -> base[j] / sum);
    Anchors.Sizes sizes = new Anchors.Sizes(classes);
    for (int i = 0; i < 2000; i++) {
      sizes.add(sure(i % classes, classes));
    }
    Selection anchors = sizes.selection();
    while (!anchors.resolved()) {
      Selection.Pass pass = anchors.pass();
      for (int i = 0; i < 2000; i++) {
        Anchors.offer(pass, sure(i % classes, classes), i);
      }
      anchors = anchors.after(pass);
    }
    Anchors.Labels labels = new Anchors.Labels(anchors, classes);
    for (int i = 0; i < 2000; i++) {
      boolean confused = i % classes == 4 && random.nextInt(3) == 0;
      labels.add(confused ? 9 : i % classes, sure(i % classes, classes), i);
    }
    NoiseTransition sparse = NoiseTransition.estimate(0.2, base, labels);
    NoiseTransition dense = new NoiseTransition(sparse.matrix());
    assertThat(sparse.matrix()[4][9]).isGreaterThan(0.2);
    assertThat(sparse.matrix()[3][9]).isEqualTo(0.2 * base[9] / (1 - base[3]), within(1e-12));
    for (int i = 0; i < 50; i++) {
      double[] p = random.doubles(classes).map(x -> x * x * x).toArray();
      double all = Arrays.stream(p).sum();
      Arrays.setAll(p, k -> p[k] / all);
      assertThat(sparse.truth(p)).containsExactly(dense.truth(p), within(1e-9));
      assertThat(sparse.posterior(p, i % classes))
          .containsExactly(dense.posterior(p, i % classes), within(1e-12));
    }
  }

  private static double[] sure(int truth, int classes) {
    double[] p = new double[classes];
    Arrays.fill(p, 0.05 / (classes - 1));
    p[truth] = 0.95;
    return p;
  }

  /** What a model of given labels predicts of a row whose true class is distributed as q. */
  private static double[] given(double[] q) {
    double[] p = new double[q.length];
    for (int k = 0; k < q.length; k++) {
      double confused = k == 2 ? 0.25 : 0;
      for (int j = 0; j < q.length; j++) {
        p[j] += q[k] * (1 - confused) * (0.9 * (j == k ? 1 : 0) + 0.1 / q.length);
      }
      p[7] += q[k] * confused;
    }
    return p;
  }

  private static NoiseTransition estimate(int[] given, double[][] p, int classes) {
    ClassThresholds counts = new ClassThresholds(classes);
    Anchors.Sizes sizes = new Anchors.Sizes(classes);
    for (int i = 0; i < given.length; i++) {
      counts.add(given[i], p[i]);
      sizes.add(p[i]);
    }
    BackgroundRate rate = new BackgroundRate(counts.shares());
    Selection anchors = sizes.selection();
    while (!anchors.resolved()) {
      Selection.Pass pass = anchors.pass();
      for (int i = 0; i < given.length; i++) {
        Anchors.offer(pass, p[i], i * 0x9E3779B97F4A7C15L);
      }
      anchors = anchors.after(pass);
    }
    Anchors.Labels labels = new Anchors.Labels(anchors, classes);
    for (int i = 0; i < given.length; i++) {
      rate.add(given[i], p[i]);
      labels.add(given[i], p[i], i * 0x9E3779B97F4A7C15L);
    }
    assertThat(rate.rate()).isEqualTo(0.1, within(0.05));
    return NoiseTransition.estimate(rate.rate(), rate.base(), labels);
  }

  @Test
  void neighboursWeighByTheirCosine() {
    NeighbourVote vote =
        NeighbourVote.of(new float[] {0.6f, 0.5f, 0.4f}, new int[] {1, 0, 0}, 2, 3);
    assertThat(vote.size()).isEqualTo(2);
    assertThat(vote.share(1)).isEqualTo(Math.E / (1 + Math.E), within(1e-6));
    assertThat(vote.favourite()).isEqualTo(1);
    assertThat(vote.posterior(new double[] {0.5, 0.25, 0.25}))
        .containsExactly(
            new double[] {2 / (3 + Math.E), (Math.E + 0.5) / (3 + Math.E), 0.5 / (3 + Math.E)},
            within(1e-6));
    assertThat(vote.doubt(2, 0.3)).isGreaterThan(vote.doubt(0, 0.3));
    assertThat(NeighbourVote.of(new float[0], new int[0], 5, 3).doubt(0, 0.3)).isEqualTo(0.5);
  }

  @Test
  void aLabelIsSurprisingByTheLogOfItsShareOfNeighbours() {
    float[] similarities = {0.5f, 0.25f, 0.25f, -1f};
    NeighbourVote vote = NeighbourVote.linear(similarities, new int[] {1, 0, 0, 2}, 4, 3);
    assertThat(vote.surprise(1)).isEqualTo(Math.log(2) / Math.log(8), within(1e-9));
    assertThat(vote.surprise(2)).isEqualTo(1, within(1e-9));
    assertThat(NeighbourVote.linear(similarities, new int[4], 4, 3).surprise(0)).isZero();
    assertThat(NeighbourVote.linear(similarities, new int[4], 1, 3).surprise(1)).isEqualTo(1);
    assertThat(NeighbourVote.linear(new float[0], new int[0], 4, 3).surprise(0)).isEqualTo(0.5);
  }

  @Test
  void theMixTrustsWhatPredictsTheLabels() {
    ProbabilityMix useful = new ProbabilityMix();
    ProbabilityMix useless = new ProbabilityMix();
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      int given = random.nextInt(2);
      double[] p = given == 0 ? new double[] {0.6, 0.4} : new double[] {0.4, 0.6};
      double[] v = given == 0 ? new double[] {0.8, 0.2} : new double[] {0.2, 0.8};
      useful.add(given, p, v);
      useless.add(given, p, new double[] {v[1], v[0]});
    }
    assertThat(useful.best().neighbours()).isEqualTo(0.4, within(1e-9));
    assertThat(useless.best().neighbours()).isZero();
    assertThat(new ProbabilityMix().best().join(new double[] {0.3, 0.7}, new double[] {0.9, 0.1}))
        .containsExactly(new double[] {0.3, 0.7}, within(1e-9));
  }
}
