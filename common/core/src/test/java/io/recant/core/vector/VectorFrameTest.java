package io.recant.core.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VectorFrameTest {

  @Test
  void theSimilarityOfUnitVectorsIsTheirCosine() {
    VectorFrame frame = VectorFrame.of(Metric.COSINE, List.of(), 2);
    float[] a = frame.placed(new float[] {3, 0});
    float[] b = frame.placed(new float[] {1, 1});
    assertThat(similarity(frame, a, b)).isEqualTo(Math.sqrt(0.5), within(1e-6));
    assertThat(frame.distance(0.75)).isEqualTo(0.25, within(1e-12));
    assertThat(frame.similarity(0.25)).isEqualTo(0.75, within(1e-12));
  }

  @Test
  void independentRowsLieNearByChanceWhereDimensionsAreFew() {
    Random random = new Random(5);
    List<float[]> plane = new ArrayList<>();
    List<float[]> sphere = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      plane.add(new float[] {random.nextFloat(), random.nextFloat()});
      sphere.add(
          new float[] {
            (float) random.nextGaussian(),
            (float) random.nextGaussian(),
            (float) random.nextGaussian()
          });
    }
    VectorFrame flat = VectorFrame.of(Metric.EUCLIDEAN, plane, 2);
    VectorFrame round = VectorFrame.of(Metric.COSINE, List.of(), 3);
    assertThat(near(flat, plane)).isEqualTo(flat.chance(0.13), within(0.006));
    assertThat(near(round, sphere)).isEqualTo(round.chance(0.13), within(0.015));
    assertThat(round.chance(0.13)).isEqualTo(1 - Math.pow(2, -0.13), within(1e-12));
    assertThat(VectorFrame.of(Metric.COSINE, List.of(), 384).chance(0.13)).isLessThan(1e-100);
    assertThat(flat.chance(0)).isZero();
  }

  /** The share of rows with another within 0.13 of the median nearest distance. */
  private static double near(VectorFrame frame, List<float[]> rows) {
    List<float[]> placed = rows.stream().map(frame::placed).toList();
    double[] nearest = new double[placed.size()];
    for (int i = 0; i < nearest.length; i++) {
      double best = -1;
      for (int j = 0; j < nearest.length; j++) {
        best = i == j ? best : Math.max(best, similarity(frame, placed.get(i), placed.get(j)));
      }
      nearest[i] = frame.distance(best);
    }
    double[] sorted = nearest.clone();
    java.util.Arrays.sort(sorted);
    double bound = 0.13 * sorted[sorted.length / 2];
    return java.util.Arrays.stream(nearest).filter(d -> d < bound).count()
        / (double) nearest.length;
  }

  @Test
  void euclideanSimilarityIsDistanceInTheCorpussOwnUnit() {
    Random random = new Random(3);
    List<float[]> sample = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      sample.add(
          new float[] {(float) (50 + 7 * random.nextGaussian()), (float) random.nextGaussian()});
    }
    VectorFrame frame = VectorFrame.of(Metric.EUCLIDEAN, sample, 2);
    double sum = 0;
    for (int i = 0; i < 499; i++) {
      float[] a = sample.get(i);
      float[] b = sample.get(i + 1);
      double s = similarity(frame, frame.placed(a), frame.placed(b));
      sum += s;
      assertThat(frame.distance(s)).isEqualTo(Math.hypot(a[0] - b[0], a[1] - b[1]), within(1e-2));
      assertThat(frame.similarity(frame.distance(s))).isEqualTo(s, within(1e-6));
    }
    assertThat(sum / 499).isEqualTo(0, within(0.15));
  }

  @Test
  void whatHasNoPlaceIsEmpty() {
    VectorFrame cosine = VectorFrame.of(Metric.COSINE, List.of(), 2);
    assertThat(cosine.placed(new float[] {0, 0})).isEmpty();
    assertThat(cosine.placed(new float[] {Float.NaN, 1})).isEmpty();
    assertThat(cosine.placed(new float[] {Float.POSITIVE_INFINITY, 1})).isEmpty();
    assertThat(cosine.placed(new float[] {1, 2, 3})).isEmpty();
    VectorFrame euclidean =
        VectorFrame.of(Metric.EUCLIDEAN, List.of(new float[] {2, 2}, new float[] {2, 2}), 2);
    assertThat(euclidean.placed(new float[] {2, 2})).containsExactly(0, 0);
  }

  private static double similarity(VectorFrame frame, float[] a, float[] b) {
    double sum = frame.lift(a) + frame.lift(b);
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }
}
