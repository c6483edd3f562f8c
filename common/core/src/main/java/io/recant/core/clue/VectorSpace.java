package io.recant.core.clue;

import io.recant.core.vector.PrincipalComponents;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Vectors around the mean of their class, along principal components. */
final class VectorSpace implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int MOST_COMPONENTS = 64;
  private static final int MOST_VECTORS = 4000;

  /** A class's mean is pulled to that of all rows as if it had so many of those. */
  private static final double PULL = 10;

  private final double[] mean;
  private final Map<Integer, double[]> classMeans;
  private final PrincipalComponents components;

  private VectorSpace(
      double[] mean, Map<Integer, double[]> classMeans, PrincipalComponents components) {
    this.mean = mean;
    this.classMeans = classMeans;
    this.components = components;
  }

  /** The space of the rows that have a vector; of no dimension where none has. */
  static VectorSpace of(List<ClueRow> rows, long seed) {
    int dimensions = rows.stream().mapToInt(row -> row.vector().length).max().orElse(0);
    List<ClueRow> with =
        rows.stream().filter(row -> dimensions > 0 && row.vector().length == dimensions).toList();
    double[] mean = new double[dimensions];
    Map<Integer, double[]> sums = new HashMap<>();
    Map<Integer, Integer> counts = new HashMap<>();
    for (ClueRow row : with) {
      double[] sum = sums.computeIfAbsent(row.given(), c -> new double[dimensions]);
      counts.merge(row.given(), 1, Integer::sum);
      for (int d = 0; d < dimensions; d++) {
        mean[d] += row.vector()[d] / (double) with.size();
        sum[d] += row.vector()[d];
      }
    }
    sums.forEach(
        (given, sum) -> {
          for (int d = 0; d < dimensions; d++) {
            sum[d] = (sum[d] + PULL * mean[d]) / (counts.get(given) + PULL);
          }
        });
    List<double[]> centred = new ArrayList<>();
    for (int i = 0; i < Math.min(with.size(), MOST_VECTORS); i++) {
      // Known rows come first: from everywhere, so that they are a part and not the whole.
      ClueRow row = with.get((int) ((long) i * with.size() / Math.min(with.size(), MOST_VECTORS)));
      centred.add(centred(row, mean, sums));
    }
    return new VectorSpace(
        mean,
        sums,
        PrincipalComponents.of(centred.toArray(double[][]::new), MOST_COMPONENTS, seed));
  }

  private static double[] centred(ClueRow row, double[] mean, Map<Integer, double[]> means) {
    double[] own = means.getOrDefault(row.given(), mean);
    double[] centred = new double[mean.length];
    for (int d = 0; d < centred.length; d++) {
      centred[d] = row.vector()[d] - own[d];
    }
    return centred;
  }

  /** A row's place; the origin where it has no vector of that length. */
  double[] of(ClueRow row) {
    return row.vector().length == mean.length
        ? components.of(centred(row, mean, classMeans))
        : new double[size()];
  }

  int size() {
    return components.size();
  }
}
