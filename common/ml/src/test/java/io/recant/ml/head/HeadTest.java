package io.recant.ml.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.recant.core.config.SettingsBinder;
import io.recant.ml.Clusters;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeadTest {

  private static final int ROWS = 400;
  private static final HeadTraining.Settings SETTINGS =
      new HeadTraining.Settings(
          32, 0.1, new OptimizationSettings(8, 32, 0.01, 0, 0, Decay.LINEAR, 1, 1));

  private static float[] vectors(List<Example> examples) {
    float[] flat = new float[examples.size() * Clusters.DIMENSION];
    for (int i = 0; i < examples.size(); i++) {
      System.arraycopy(
          examples.get(i).vector(), 0, flat, i * Clusters.DIMENSION, Clusters.DIMENSION);
    }
    return flat;
  }

  /** Every tenth label is the next class's. */
  private static HeadData noisy() {
    int[] labels = new int[ROWS];
    Arrays.setAll(labels, i -> i % 10 == 0 ? (i + 1) % 4 : i % 4);
    return HeadData.of(
        vectors(Clusters.examples(ROWS, 1)), Clusters.DIMENSION, SparseTargets.labels(labels), 4);
  }

  /** Probabilities of every row by a head that learned from the other folds only. */
  private static float[][] outOfFold(HeadData data) {
    float[][] rows = new float[ROWS][];
    for (int fold = 0; fold < 5; fold++) {
      int held = fold;
      int[] learned = IntStream.range(0, ROWS).filter(i -> (i / 4) % 5 != held).toArray();
      int[] predicted = IntStream.range(0, ROWS).filter(i -> (i / 4) % 5 == held).toArray();
      try (Head head =
          HeadTraining.run(data, learned, SETTINGS, 3 + fold, TestDevice.get(), (e, h) -> {})) {
        float[] p = head.probabilities(data, predicted);
        for (int i = 0; i < predicted.length; i++) {
          rows[predicted[i]] = Arrays.copyOfRange(p, i * 4, i * 4 + 4);
        }
      }
    }
    return rows;
  }

  @Test
  void wrongLabelsLookUnlikelyToAHeadThatNeverSawThem() {
    float[][] p = outOfFold(noisy());
    int caught = 0;
    for (int i = 0; i < ROWS; i++) {
      assertThat(p[i][0] + p[i][1] + p[i][2] + p[i][3]).isCloseTo(1, within(1e-4f));
      if (i % 10 == 0 && p[i][(i + 1) % 4] < 0.5) {
        caught++;
      }
    }
    assertThat(caught).isGreaterThanOrEqualTo(35);
  }

  @Test
  void twoTasksAtOnceGetWhatOneGets() throws Exception {
    float[][] alone = outOfFold(noisy());
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<float[][]>> both =
          pool.invokeAll(List.of(() -> outOfFold(noisy()), () -> outOfFold(noisy())));
      for (Future<float[][]> one : both) {
        for (int i = 0; i < ROWS; i++) {
          assertThat(one.get()[i]).containsExactly(alone[i]);
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void fitAndLossAgreeWithTheProbabilities() {
    HeadData data = noisy();
    int[] rows = {3, 0, 17, 10};
    HeadTraining.run(
            data,
            rows,
            SETTINGS,
            1,
            TestDevice.get(),
            (epoch, head) -> {
              float[] p = head.probabilities(data, rows);
              Head.LabelFit fit = head.labelFit(data, rows);
              float[] losses = head.losses(data, rows);
              for (int i = 0; i < rows.length; i++) {
                int label = data.targets().label(rows[i]);
                float own = p[i * 4 + label];
                double best = 0;
                for (int k = 0; k < 4; k++) {
                  best = k == label ? best : Math.max(best, p[i * 4 + k]);
                }
                assertThat(fit.probability()[i]).isCloseTo(own, within(1e-5f));
                assertThat((double) fit.margin()[i]).isCloseTo(Math.log(own / best), within(1e-3));
                assertThat((double) losses[i]).isCloseTo(-Math.log(own), within(1e-3));
              }
            })
        .close();
  }

  @Test
  void aHeadOnBagsOfTokensLearnsTheirDistribution() {
    List<Example> points = Clusters.examples(ROWS, 1);
    int[][] tokens = new int[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      int own = i % 4;
      tokens[i] = new int[] {own, 4, own, own};
    }
    SparseTargets targets = SparseTargets.bagsOfTokens(tokens);
    assertThat(targets.shares()).containsOnly(0.75f, 0.25f);
    HeadData data = HeadData.of(vectors(points), Clusters.DIMENSION, targets, 5);
    int[] rows = {0, 1, 2, 3};
    int[] all = new int[ROWS];
    Arrays.setAll(all, i -> i);
    double entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    HeadTraining.run(
            data,
            all,
            SETTINGS,
            1,
            TestDevice.get(),
            (epoch, head) -> {
              if (epoch == 7) {
                float[] p = head.probabilities(data, rows);
                double shared = 0;
                for (int i = 0; i < ROWS; i++) {
                  shared += head.probabilities(data, new int[] {i})[4] / ROWS;
                }
                assertThat(shared).isCloseTo(0.25, within(0.03));
                for (int i = 0; i < rows.length; i++) {
                  assertThat(p[i * 5 + i]).isCloseTo(0.75f, within(0.2f));
                  double cross = -0.75 * Math.log(p[i * 5 + i]) - 0.25 * Math.log(p[i * 5 + 4]);
                  assertThat((double) head.losses(data, rows)[i])
                      .isCloseTo(cross, within(1e-4))
                      .isGreaterThanOrEqualTo(entropy - 1e-4);
                }
              }
            })
        .close();
  }

  @Test
  void settingsBindWithTheirDefaults() {
    HeadTraining.Settings settings =
        SettingsBinder.bind(
            JsonNodeFactory.instance.objectNode(), HeadTraining.Settings.class, "head");
    assertThat(settings.training().epochs()).isEqualTo(12);
    assertThat(settings.training().batchSize()).isEqualTo(256);
  }
}
