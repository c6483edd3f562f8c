package io.recant.core.label;

import java.io.Serializable;

/**
 * What the labels of a row's nearest neighbours say. A neighbour at cosine s weighs exp((s - 0.5) /
 * 0.1), or s itself, which is 1 less its distance ({@link #linear}).
 *
 * @param weights summed weight of the neighbours of each class
 * @param counts neighbours of each class
 */
public record NeighbourVote(double[] weights, int[] counts) implements Serializable {

  private static final double PRIOR = 2;
  private static final double SLACK = 0.02;

  /** Counts the nearest {@code most} neighbours, ordered from the nearest. */
  public static NeighbourVote of(float[] similarities, int[] labels, int most, int classes) {
    double[] weights = new double[classes];
    int[] counts = new int[classes];
    for (int i = 0; i < Math.min(most, labels.length); i++) {
      weights[labels[i]] += Math.exp((similarities[i] - 0.5) / 0.1);
      counts[labels[i]]++;
    }
    return new NeighbourVote(weights, counts);
  }

  /**
   * Counts the nearest {@code most} neighbours, each with its cosine for a weight, at least 0
   * (SimiFeat: Zhu, Dong, Liu, ICML 2022).
   */
  public static NeighbourVote linear(float[] similarities, int[] labels, int most, int classes) {
    double[] weights = new double[classes];
    int[] counts = new int[classes];
    for (int i = 0; i < Math.min(most, labels.length); i++) {
      weights[labels[i]] += Math.max(0, similarities[i]);
      counts[labels[i]]++;
    }
    return new NeighbourVote(weights, counts);
  }

  /** Class probabilities: (weights + 2 share) / (sum of weights + 2); the shares without any. */
  public double[] posterior(double[] shares) {
    double all = total() + PRIOR;
    double[] p = new double[shares.length];
    for (int k = 0; k < p.length; k++) {
      p[k] = (weights[k] + PRIOR * shares[k]) / all;
    }
    return p;
  }

  /** The weighted share of neighbours with a label; NaN without neighbours. */
  public double share(int label) {
    return weights[label] / total();
  }

  /**
   * How little neighbours bear a label out: b / (b + s), s the weighted share of neighbours with
   * the label, b the label's share of all rows, each plus 0.02. In [0, 1], 1 is bad; 0.5 where
   * neighbours carry the label as often as chance, or there are none.
   */
  public double doubt(int label, double baseRate) {
    if (total() <= 0) {
      return 0.5;
    }
    double base = baseRate + SLACK;
    return base / (base + share(label) + SLACK);
  }

  /**
   * How surprising a label is among its neighbours': -log h over log 2n, h the weighted share of
   * neighbours with the label, at least 1 / 2n, n the neighbours. In [0, 1], 1 is bad: 0 where all
   * carry the label, 1 where none does; 0.5 without neighbours.
   */
  public double surprise(int label) {
    if (total() <= 0) {
      return 0.5;
    }
    double least = 1.0 / (2 * size());
    return Math.max(0, Math.log(Math.max(least, share(label))) / Math.log(least));
  }

  /** The class with the largest weight, the first of several. */
  public int favourite() {
    return Probabilities.argMax(weights);
  }

  /** How many neighbours voted. */
  public int size() {
    int size = 0;
    for (int count : counts) {
      size += count;
    }
    return size;
  }

  private double total() {
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    return total;
  }
}
