package io.recant.core.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CellGroupTest {

  private static final Neighbourhood.Bounds BOUNDS = new Neighbourhood.Bounds(5, 2, 0.9999f);

  @ParameterizedTest
  @EnumSource(Metric.class)
  void bothSidesFindTheirNearest(Metric metric) {
    List<Point> points = points(metric, 400, 10);
    CellGroup group = new CellGroup(BOUNDS);
    points.subList(0, 300).forEach(point -> group.add(4, point));
    Map<Long, Nearest> found = new HashMap<>();
    List<CellGroup.Visitor> visitors =
        points.stream().map(p -> new CellGroup.Visitor(p, new int[] {4, 9})).toList();
    List<Neighbourhood> theirs = group.search(visitors);
    for (int i = 300; i < 400; i++) {
      assertThat(theirs.get(i).nearest().keys())
          .containsExactly(naive(points.get(i), points.subList(0, 300)));
    }
    group.learnt((key, neighbourhood) -> found.put(key, neighbourhood.nearest()));
    for (int i = 0; i < 300; i++) {
      assertThat(found.get((long) i).keys()).containsExactly(naive(points.get(i), points));
    }
  }

  @Test
  void nearDuplicatesAreToldApart() {
    List<Point> points = new ArrayList<>(points(Metric.COSINE, 20, 6));
    points.add(new Point(77, 1, points.get(3).vector(), 0));
    CellGroup group = new CellGroup(BOUNDS);
    points.forEach(point -> group.add(0, point));
    Neighbourhood found =
        group.search(List.of(new CellGroup.Visitor(points.get(3), new int[] {0}))).get(0);
    assertThat(found.duplicates().keys()).containsExactly(77);
    assertThat(found.nearest().keys()).hasSize(5).doesNotContain(77, 3);
  }

  @Test
  void cellsOfATreeAreFoundAgain() {
    float[][] sample =
        points(Metric.COSINE, 3000, 8).stream().map(Point::vector).toArray(float[][]::new);
    CellTree tree = CellTree.of(Metric.COSINE, sample, 100, 3);
    assertThat(tree.cells()).isBetween(70, 130);
    assertThat(tree.groups()).isGreaterThan(2);
    int[] sizes = new int[tree.cells()];
    for (float[] vector : sample) {
      int[] nearest = tree.nearest(vector, 5);
      assertThat(nearest).doesNotHaveDuplicates().hasSize(5);
      assertThat(nearest[0]).isEqualTo(tree.cell(vector));
      sizes[nearest[0]]++;
    }
    assertThat(Arrays.stream(sizes).max().orElseThrow()).isLessThan(200);
    CellTree split = tree.split(Map.of(7, CellTree.of(Metric.COSINE, sample, 4, 1)));
    assertThat(split.cells()).isEqualTo(tree.cells() + 3);
    assertThat(split.groupOfCell()).hasSize(split.cells());
    assertThat(CellTree.of(Metric.COSINE, sample, 100, 3).nearest(sample[5], 9))
        .containsExactly(tree.nearest(sample[5], 9));
  }

  @Test
  void equalVectorsMakeOneCellOfAll() {
    float[][] same = new float[500][];
    Arrays.setAll(same, i -> new float[] {1, 0});
    CellTree tree = CellTree.of(Metric.COSINE, same, 40, 3);
    assertThat(tree.cell(same[0])).isEqualTo(tree.cell(same[499]));
    assertThat(CellTree.of(Metric.EUCLIDEAN, new float[][] {{1, 2}}, 10, 3).cells()).isEqualTo(1);
  }

  private static List<Point> points(Metric metric, int count, int dimensions) {
    Random random = new Random(5);
    List<float[]> raw = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[dimensions];
      for (int d = 0; d < dimensions; d++) {
        vector[d] = (float) random.nextGaussian() + (d == i % 3 ? 3 : 0);
      }
      raw.add(vector);
    }
    VectorFrame frame = VectorFrame.of(metric, raw, dimensions);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] placed = frame.placed(raw.get(i));
      points.add(new Point(i, i % 3, placed, frame.lift(placed)));
    }
    return points;
  }

  private static long[] naive(Point query, List<Point> base) {
    return base.stream()
        .filter(p -> p.key() != query.key())
        .sorted(java.util.Comparator.comparingDouble(p -> squaredDistance(p, query)))
        .limit(5)
        .mapToLong(Point::key)
        .toArray();
  }

  private static double squaredDistance(Point a, Point b) {
    double sum = 0;
    for (int d = 0; d < a.vector().length; d++) {
      double difference = (double) a.vector()[d] - b.vector()[d];
      sum += difference * difference;
    }
    return sum;
  }
}
