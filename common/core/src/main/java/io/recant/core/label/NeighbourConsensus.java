package io.recant.core.label;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How labels go wrong, from how rows agree with their nearest neighbours. Where a row and its two
 * nearest neighbours are of one true class, and labels go wrong independently of each other, the
 * three labels are drawn alike:
 *
 * <pre>P(a, b, c) = sum_k pi_k T[k][a] T[k][b] T[k][c]</pre>
 *
 * <p>and the third-order counts determine T and pi (higher-order consensus: Zhu, Song, Liu, ICML
 * 2021). Solved here by expectation-maximisation of the multinomial likelihood rather than by least
 * squares over the three orders: it needs no step size, keeps to the simplex, and counts triples
 * that occur only. It starts at the label shares and a matrix with {@value #START} on the diagonal,
 * which decides the order of the classes.
 *
 * <p>Where neighbours often are of another class, their disagreement is taken for noise: use it
 * with representations in which classes lie apart. Mergeable; holds one count per triple of labels
 * that occurs.
 */
public final class NeighbourConsensus implements Serializable {

  private static final double START = 0.7;
  private static final int ROUNDS = 60;

  private final int classes;
  private final Map<Long, Long> triples = new HashMap<>();
  private final long[] given;

  /** No rows yet. */
  public NeighbourConsensus(int classes) {
    this.classes = classes;
    given = new long[classes];
  }

  /** Takes in a row's label and those of its two nearest neighbours. */
  public void add(int own, int nearest, int second) {
    int low = Math.min(nearest, second);
    int high = Math.max(nearest, second);
    triples.merge(((long) own * classes + low) * classes + high, 1L, Long::sum);
    given[own]++;
  }

  /** Takes another state's rows in. */
  public NeighbourConsensus merge(NeighbourConsensus other) {
    other.triples.forEach((triple, rows) -> triples.merge(triple, rows, Long::sum));
    for (int k = 0; k < classes; k++) {
      given[k] += other.given[k];
    }
    return this;
  }

  /** Expected rows by true and given class: pi_k T[k][j] times the rows taken in. */
  public double[][] joint() {
    double rows = 0;
    for (long count : given) {
      rows += count;
    }
    double[] pi = new double[classes];
    double[][] t = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      pi[k] = given[k] / Math.max(1, rows);
      for (int j = 0; j < classes; j++) {
        t[k][j] = j == k ? START : (1 - START) / Math.max(1, classes - 1);
      }
    }
    // In a fixed order: floating-point sums depend on it.
    Map<Long, Long> ordered = new TreeMap<>(triples);
    for (int round = 0; round < ROUNDS && rows > 0; round++) {
      maximise(ordered, rows, pi, t);
    }
    double[][] joint = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      for (int j = 0; j < classes; j++) {
        joint[k][j] = rows * pi[k] * t[k][j];
      }
    }
    return joint;
  }

  private void maximise(Map<Long, Long> ordered, double rows, double[] pi, double[][] t) {
    double[][] counts = new double[classes][classes];
    double[] posterior = new double[classes];
    for (Map.Entry<Long, Long> entry : ordered.entrySet()) {
      int c = (int) (entry.getKey() % classes);
      int b = (int) (entry.getKey() / classes % classes);
      int a = (int) (entry.getKey() / classes / classes);
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        posterior[k] = pi[k] * t[k][a] * t[k][b] * t[k][c];
        sum += posterior[k];
      }
      for (int k = 0; k < classes && sum > 0; k++) {
        double weight = entry.getValue() * posterior[k] / sum;
        counts[k][a] += weight;
        counts[k][b] += weight;
        counts[k][c] += weight;
      }
    }
    for (int k = 0; k < classes; k++) {
      double all = 0;
      for (double count : counts[k]) {
        all += count;
      }
      pi[k] = all / 3 / rows;
      for (int j = 0; j < classes && all > 0; j++) {
        t[k][j] = counts[k][j] / all;
      }
    }
  }
}
