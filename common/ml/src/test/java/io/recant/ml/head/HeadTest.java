package io.recant.ml.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.recant.core.config.SettingsBinder;
import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
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

  private static float[][] outOfFold(HeadData data, BitSet neverTrained, int threads) {
    int[] fold = new int[ROWS];
    Arrays.setAll(fold, i -> (i / 4) % 5);
    float[][] rows = new float[ROWS][];
    OutOfFold.run(
        data,
        fold,
        neverTrained,
        SETTINGS,
        3,
        Device.cpu(),
        threads,
        e -> {
          for (int trained : e.trained()) {
            assertThat(fold[trained]).isNotEqualTo(e.fold());
            assertThat(neverTrained.get(trained)).isFalse();
          }
          if (e.epoch() == 7) {
            float[] p = e.head().probabilities(e.heldOut());
            for (int i = 0; i < e.heldOut().length; i++) {
              rows[e.heldOut()[i]] = Arrays.copyOfRange(p, i * 4, i * 4 + 4);
            }
          }
        });
    return rows;
  }

  @Test
  void wrongLabelsLookUnlikelyToAHeadThatNeverSawThem() {
    float[][] p = outOfFold(noisy(), new BitSet(), 2);
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
  void theNumberOfThreadsDoesNotChangeTheAnswer() {
    float[][] one = outOfFold(noisy(), new BitSet(), 1);
    float[][] two = outOfFold(noisy(), new BitSet(), 2);
    for (int i = 0; i < ROWS; i++) {
      assertThat(two[i]).containsExactly(one[i]);
    }
  }

  @Test
  void rowsNeverTrainedAreStillScored() {
    BitSet canaries = new BitSet();
    canaries.set(0, 40);
    assertThat(Arrays.asList(outOfFold(noisy(), canaries, 2))).doesNotContainNull();
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
        Device.cpu(),
        (epoch, head) -> {
          float[] p = head.probabilities(rows);
          Head.LabelFit fit = head.labelFit(rows);
          float[] losses = head.losses(rows);
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
        });
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
        Device.cpu(),
        (epoch, head) -> {
          if (epoch == 7) {
            float[] p = head.probabilities(rows);
            double shared = 0;
            for (int i = 0; i < ROWS; i++) {
              shared += head.probabilities(new int[] {i})[4] / ROWS;
            }
            assertThat(shared).isCloseTo(0.25, within(0.03));
            for (int i = 0; i < rows.length; i++) {
              assertThat(p[i * 5 + i]).isCloseTo(0.75f, within(0.2f));
              double cross = -0.75 * Math.log(p[i * 5 + i]) - 0.25 * Math.log(p[i * 5 + 4]);
              assertThat((double) head.losses(rows)[i])
                  .isCloseTo(cross, within(1e-4))
                  .isGreaterThanOrEqualTo(entropy - 1e-4);
            }
          }
        });
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
