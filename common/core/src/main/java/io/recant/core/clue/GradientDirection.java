package io.recant.core.clue;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where learning a row moves a model, beside where learning the known rows does: the gradient of
 * the cross-entropy with respect to a last layer over the vectors is
 *
 * <pre>g = (p - y) v'</pre>
 *
 * <p>with out-of-sample probabilities p, the given class y and the vector v (as in TracIn, Pruthi
 * et al., NeurIPS 2020). Of each given class that is frequent among the known rows their mean
 * gradient is taken, less that of the other rows given the class; these differences, as frequent as
 * the classes are among the known rows, add up to a direction. The feature is the cosine of the
 * angle between it and the row's gradient, in [-1, 1]. Where two classes were confused it is what
 * is left to tell by: a cat that is given as a dog and a dog that is given as a cat lie on
 * different sides, and only beside its given class a vector says which.
 *
 * <p>Vectors are their places along principal components, each divided by its deviation and a part
 * of the largest one, as in ridge regression: what varies little is mostly chance.
 */
final class GradientDirection implements Serializable {

  private static final long serialVersionUID = 1L;

  /** What is less likely than this adds hardly anything, and classes may be many. */
  private static final double LEAST_SLOPE = 1e-3;

  /** This part of the largest variance is added to each. */
  private static final double RIDGE = 0.3;

  private final double[] scale;
  private final Map<Integer, OfClass> classes;
  private final double[][] direction;

  /** All bad rows together. */
  private final double weight;

  private final double norm;

  /** Sums of the gradients of the rows given a class, the bad and the good, and their weights. */
  private static final class OfClass implements Serializable {

    private static final long serialVersionUID = 1L;

    private final double[][] bad;
    private final double[][] good;
    private double badWeight;
    private double goodWeight;

    OfClass(int classes, int size) {
      bad = new double[classes][size];
      good = new double[classes][size];
    }

    void add(Gradient g, double isBad) {
      g.addTo(bad, isBad);
      g.addTo(good, 1 - isBad);
      badWeight += isBad;
      goodWeight += 1 - isBad;
    }

    void addDifferenceTo(double[][] sum) {
      for (int k = 0; k < sum.length; k++) {
        for (int d = 0; d < sum[k].length; d++) {
          sum[k][d] += difference(bad[k][d], badWeight, good[k][d], goodWeight);
        }
      }
    }

    double along(Gradient g) {
      return difference(g.times(bad), badWeight, g.times(good), goodWeight);
    }

    /** As if a gradient that was added had not been. */
    double alongWithout(Gradient g, double isBad) {
      return difference(
          g.times(bad) - isBad * g.squares(),
          badWeight - isBad,
          g.times(good) - (1 - isBad) * g.squares(),
          goodWeight - (1 - isBad));
    }

    private static double difference(double bad, double badWeight, double good, double goodWeight) {
      return goodWeight > 0 ? bad - badWeight / goodWeight * good : bad;
    }
  }

  /** A gradient, as the product that it is. */
  private record Gradient(double[] slopes, double[] place) {

    void addTo(double[][] sum, double weight) {
      for (int k = 0; k < slopes.length && weight > 0; k++) {
        for (int d = 0; d < place.length && slopes[k] != 0; d++) {
          sum[k][d] += weight * slopes[k] * place[d];
        }
      }
    }

    double times(double[][] other) {
      double product = 0;
      for (int k = 0; k < slopes.length; k++) {
        for (int d = 0; d < place.length && slopes[k] != 0; d++) {
          product += slopes[k] * other[k][d] * place[d];
        }
      }
      return product;
    }

    double squares() {
      return square(slopes) * square(place);
    }
  }

  private GradientDirection(
      double[] scale, Map<Integer, OfClass> classes, double[][] direction, double weight) {
    this.scale = scale;
    this.classes = classes;
    this.direction = direction;
    this.weight = weight;
    double squares = 0;
    for (double[] row : direction) {
      squares += square(row);
    }
    norm = Math.sqrt(squares);
  }

  /**
   * The direction of some rows.
   *
   * @param places what stands for their vectors
   * @param bad how likely each is one like the known ones, in [0, 1]
   * @param frequent so much badness a given class needs to have a say
   */
  static GradientDirection of(
      List<ClueRow> rows, List<double[]> places, double[] bad, double frequent) {
    int outputs = rows.stream().mapToInt(row -> row.p().length).max().orElse(0);
    double[] scale = scale(places);
    Map<Integer, Double> counts = new HashMap<>();
    for (int i = 0; i < bad.length; i++) {
      counts.merge(rows.get(i).given(), bad[i], Double::sum);
    }
    Map<Integer, OfClass> classes = new HashMap<>();
    for (int i = 0; i < bad.length; i++) {
      ClueRow row = rows.get(i);
      if (row.isPredicted() && counts.get(row.given()) >= frequent) {
        classes
            .computeIfAbsent(row.given(), given -> new OfClass(outputs, scale.length))
            .add(gradient(row, places.get(i), scale), bad[i]);
      }
    }
    double[][] direction = new double[outputs][scale.length];
    double weight = 0;
    for (OfClass ofClass : classes.values()) {
      ofClass.addDifferenceTo(direction);
      weight += ofClass.badWeight;
    }
    return new GradientDirection(scale, classes, direction, weight);
  }

  /** The cosine of a row that is none of those the direction is of; 0 where it has no gradient. */
  double of(ClueRow row, double[] place) {
    Gradient g = asked(row, place);
    return g == null ? 0 : g.times(direction) / (norm * Math.sqrt(g.squares()));
  }

  /**
   * The cosine of a row as if it had not been among those the direction is of.
   *
   * @param bad as it was
   */
  double without(ClueRow row, double[] place, double bad) {
    Gradient g = asked(row, place);
    OfClass own = classes.get(row.given());
    if (g == null || own == null) {
      return of(row, place);
    }
    double rest = Math.max(weight - bad, Double.MIN_NORMAL);
    return (g.times(direction) - own.along(g) + own.alongWithout(g, bad))
        / rest
        * weight
        / (norm * Math.sqrt(g.squares()));
  }

  private Gradient asked(ClueRow row, double[] place) {
    if (norm == 0 || !row.isPredicted() || row.p().length > direction.length) {
      return null;
    }
    Gradient g = gradient(row, place, scale);
    return g.squares() > 0 ? g : null;
  }

  private static Gradient gradient(ClueRow row, double[] place, double[] scale) {
    double[] slopes = new double[row.p().length];
    for (int k = 0; k < slopes.length; k++) {
      double slope = row.p()[k] - (k == row.given() ? 1 : 0);
      slopes[k] = Math.abs(slope) < LEAST_SLOPE ? 0 : slope;
    }
    double[] scaled = new double[scale.length];
    for (int d = 0; d < scaled.length; d++) {
      scaled[d] = scale[d] * place[d];
    }
    return new Gradient(slopes, scaled);
  }

  private static double[] scale(List<double[]> places) {
    double[] scale = new double[places.isEmpty() ? 0 : places.get(0).length];
    for (double[] place : places) {
      for (int d = 0; d < scale.length; d++) {
        scale[d] += place[d] * place[d] / places.size();
      }
    }
    double most = 0;
    for (double variance : scale) {
      most = Math.max(most, variance);
    }
    for (int d = 0; d < scale.length; d++) {
      scale[d] = most == 0 ? 0 : 1 / Math.sqrt(scale[d] + RIDGE * most);
    }
    return scale;
  }

  private static double square(double[] x) {
    double squares = 0;
    for (double value : x) {
      squares += value * value;
    }
    return squares;
  }
}
