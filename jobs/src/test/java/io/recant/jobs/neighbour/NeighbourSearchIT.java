package io.recant.jobs.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.vector.Metric;
import io.recant.core.vector.Nearest;
import io.recant.core.vector.Neighbourhood;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NeighbourSearchIT {

  private static final int K = 10;
  private static final int DIMENSIONS = 20;

  private static SparkSession spark;
  private static JavaSparkContext context;

  /** What a search found, and what it measured. */
  private record Result(Map<Long, Neighbourhood> found, Map<String, Double> measures) {

    Nearest nearest(long key) {
      return found.get(key).nearest();
    }

    Map<Long, String> written() {
      return found.entrySet().stream()
          .collect(
              Collectors.toMap(
                  Map.Entry::getKey,
                  e ->
                      Arrays.toString(e.getValue().nearest().keys())
                          + Arrays.toString(e.getValue().nearest().similarities())
                          + Arrays.toString(e.getValue().duplicates().keys())));
    }
  }

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate();
    spark.sparkContext().setLogLevel("WARN");
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Result search(
      List<VectorRow> rows, Metric metric, int exactBelow, int partitions) {
    Map<String, Double> measures = new HashMap<>();
    Neighbours neighbours =
        NeighbourSearch.of(
            context.parallelize(rows, partitions),
            new NeighbourConfig(K, metric, exactBelow, 0.95, 50, 64, 0.13),
            7,
            measures::put);
    Map<Long, Neighbourhood> found = new HashMap<>(neighbours.found().collectAsMap());
    assertThat(neighbours.found().count()).isEqualTo(found.size());
    neighbours.release().run();
    return new Result(found, measures);
  }

  /** Rows around twenty centres, along a few directions each. */
  private static List<VectorRow> clustered(int count) {
    Random random = new Random(1);
    float[][] centres = new float[20][];
    for (int c = 0; c < centres.length; c++) {
      centres[c] = gaussian(random, 1);
    }
    List<VectorRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = gaussian(random, 0.3);
      int centre = random.nextInt(centres.length);
      for (int d = 0; d < DIMENSIONS; d++) {
        vector[d] += centres[centre][d];
      }
      rows.add(new VectorRow(i, centre, vector));
    }
    return rows;
  }

  private static float[] gaussian(Random random, double scale) {
    float[] vector = new float[DIMENSIONS];
    for (int d = 0; d < DIMENSIONS; d++) {
      vector[d] = (float) (scale * random.nextGaussian());
    }
    return vector;
  }

  private static double recall(Result search, Result exact) {
    double both = 0;
    double all = 0;
    for (Map.Entry<Long, Neighbourhood> row : exact.found().entrySet()) {
      List<Long> keys =
          Arrays.stream(search.nearest(row.getKey()).keys()).boxed().collect(Collectors.toList());
      for (long key : row.getValue().nearest().keys()) {
        both += keys.contains(key) ? 1 : 0;
        all++;
      }
    }
    return both / all;
  }

  @ParameterizedTest
  @EnumSource(Metric.class)
  void cellsFindWhatEveryPairFinds(Metric metric) {
    List<VectorRow> rows = clustered(3000);
    Result exact = search(rows, metric, 3000, 3);
    Result cells = search(rows, metric, 0, 3);
    assertThat(exact.measures()).containsEntry("neighbours_recall", 1.0);
    assertThat(cells.measures().get("neighbours_cells")).isBetween(40.0, 120.0);
    assertThat(recall(cells, exact)).isGreaterThanOrEqualTo(0.95);
    assertThat(recall(cells, exact))
        .isCloseTo(
            cells.measures().get("neighbours_recall"),
            org.assertj.core.api.Assertions.within(0.02));
    assertThat(exact.nearest(5).keys()).containsExactly(naive(rows, 5, metric));
  }

  private static long[] naive(List<VectorRow> rows, int query, Metric metric) {
    return rows.stream()
        .filter(row -> row.key() != query)
        .sorted(
            java.util.Comparator.comparingDouble(
                row -> distance(rows.get(query).vector(), row.vector(), metric)))
        .limit(K)
        .mapToLong(VectorRow::key)
        .toArray();
  }

  private static double distance(float[] a, float[] b, Metric metric) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < a.length; d++) {
      dot += (double) a[d] * b[d];
      aa += (double) a[d] * a[d];
      bb += (double) b[d] * b[d];
    }
    return metric == Metric.COSINE ? 1 - dot / Math.sqrt(aa * bb) : aa + bb - 2 * dot;
  }

  @Test
  void howRowsArePartitionedChangesNothing() {
    List<VectorRow> rows = clustered(1500);
    Result usual = search(rows, Metric.COSINE, 0, 2);
    List<VectorRow> shuffled = new ArrayList<>(rows);
    java.util.Collections.shuffle(shuffled, new Random(2));
    Result other = search(shuffled, Metric.COSINE, 0, 7);
    assertThat(other.written()).isEqualTo(usual.written());
    assertThat(other.measures()).isEqualTo(usual.measures());
  }

  @Test
  void oneVectorThatStandsHalfTheTimeCostsNoRecallAndCrowdsNoCell() {
    List<VectorRow> rows = new ArrayList<>(clustered(1500));
    for (int i = 1500; i < 3000; i++) {
      rows.add(new VectorRow(i, 0, rows.get(7).vector()));
    }
    Result exact = search(rows, Metric.COSINE, 3000, 3);
    Result cells = search(rows, Metric.COSINE, 0, 3);
    assertThat(cells.found()).hasSize(3000);
    assertThat(recall(cells, exact)).isGreaterThanOrEqualTo(0.95);
    assertThat(cells.nearest(2999).keys()).containsExactly(cells.nearest(7).keys());
    assertThat(Arrays.stream(cells.nearest(2999).keys())).allMatch(key -> key < 1500 && key != 7);
    assertThat(cells.found().get(7L).duplicates().keys()).hasSize(8);
  }

  @Test
  void nearlyEqualRowsLieInCellsOfBoundedSize() {
    Random random = new Random(3);
    List<VectorRow> rows = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      float[] vector = new float[DIMENSIONS];
      Arrays.fill(vector, 1);
      vector[0] += random.nextInt(2000) * 1e-7f;
      rows.add(new VectorRow(i, 0, vector));
    }
    var points =
        context
            .parallelize(rows, 3)
            .map(row -> new io.recant.core.vector.Point(row.key(), 0, row.vector(), 0))
            .cache();
    TreeGrowth growth = TreeGrowth.of(points, Metric.COSINE, 2000, 50, 1);
    CellRoute route = new CellRoute(growth.tree(), growth.sizes(), 200, 3);
    Map<Integer, Long> slots = points.map(p -> route.slots(p)[0]).countByValue();
    assertThat(slots.values()).allMatch(size -> size <= 300);
    Map<Integer, Long> groups = points.map(p -> route.group(route.slots(p)[0])).countByValue();
    assertThat(groups.values()).allMatch(size -> size <= 32 * 300);
  }

  @Test
  void oddInputHasAnAnswer() {
    assertThat(search(List.of(), Metric.COSINE, 0, 2).found()).isEmpty();
    Result one = search(clustered(1), Metric.COSINE, 0, 2);
    assertThat(one.nearest(0).keys()).isEmpty();
    assertThat(search(clustered(4), Metric.EUCLIDEAN, 0, 2).nearest(0).keys()).hasSize(3);
    List<VectorRow> same = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      same.add(new VectorRow(i, 0, new float[] {1, 2}));
    }
    for (Metric metric : Metric.values()) {
      Result all = search(same, metric, 0, 3);
      assertThat(all.found()).hasSize(500);
      assertThat(all.found().values()).allMatch(n -> n.nearest().keys().length == 0);
      assertThat(all.found().get(0L).duplicates().keys()).isNotEmpty();
    }
    List<VectorRow> odd = new ArrayList<>(clustered(50));
    odd.add(new VectorRow(50, 0, new float[DIMENSIONS]));
    odd.add(new VectorRow(51, 0, new float[] {1, 2, 3}));
    odd.add(new VectorRow(52, 0, new float[] {Float.NaN, 2, 3}));
    assertThat(search(odd, Metric.COSINE, 0, 3).found()).hasSize(50);
    assertThat(search(odd, Metric.EUCLIDEAN, 0, 3).found()).hasSize(51);
  }
}
