package io.recant.core.label;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How labels go wrong, T[true][given] = P(given | true), and what that says about one row.
 *
 * <p>T is the identity shrunk to a background of random flips plus the few confusions that stay
 * when only the surest rows are looked at: {@code B = (1 - rate) I + rate * base} (base
 * renormalised off the diagonal), and for the labels N_j of the c anchors of class k an excess
 * {@code (N_j - c B_kj) / (c + 20)} where {@code N_j > c B_kj + 4 sqrt(c B_kj) + 2}, else 0; the
 * least over the levels of strictness counts, since natural ambiguity fades with strictness and
 * noise does not. Off-diagonal sums are capped at 0.7. (Anchor points: Patrini et al., CVPR 2017;
 * sparsity and the cap are ours.)
 *
 * <p>Use with calibrated out-of-sample probabilities. Where errors depend on the row rather than
 * the class, a plain score of the probabilities ranks better.
 */
public final class NoiseTransition implements Serializable {

  private static final int ROUNDS = 20;
  private static final double SHRINKAGE = 20;
  private static final double CAP = 0.7;

  /** T[k][k]. */
  private final double[] right;

  /** Off the diagonal T[k][j] = background[k] base[j] + what confusion of k with j adds. */
  private final double[] background;

  private final double[] base;

  /**
   * For each true class the given classes it is confused with, ascending; and how much they add.
   */
  private final int[][] confused;

  private final double[][] added;

  /**
   * From a matrix whose rows sum to 1. One without a background of flips costs as many operations
   * for a row as it has entries.
   */
  public NoiseTransition(double[][] transition) {
    this(transition, new double[transition.length], new double[transition.length]);
  }

  private NoiseTransition(double[][] transition, double[] background, double[] base) {
    int classes = transition.length;
    this.background = background;
    this.base = base;
    right = new double[classes];
    confused = new int[classes][];
    added = new double[classes][];
    for (int k = 0; k < classes; k++) {
      int row = k;
      right[k] = transition[k][k];
      confused[k] =
          IntStream.range(0, classes)
              .filter(j -> j != row && transition[row][j] != background[row] * base[j])
              .toArray();
      added[k] =
          Arrays.stream(confused[k])
              .mapToDouble(j -> transition[row][j] - background[row] * base[j])
              .toArray();
    }
  }

  /** The estimate above. */
  public static NoiseTransition estimate(double rate, double[] base, Anchors.Labels anchors) {
    int classes = base.length;
    double[][] t = new double[classes][classes];
    double[] background = new double[classes];
    for (int k = 0; k < classes; k++) {
      double others = 0;
      for (int j = 0; j < classes; j++) {
        others += j == k ? 0 : base[j];
      }
      background[k] = others <= 0 ? 0 : rate / others;
      double[] excess = new double[classes];
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        if (j != k) {
          excess[j] = excess(anchors, k, j, background[k] * base[j]);
          sum += background[k] * base[j] + excess[j];
        }
      }
      double scale = sum > CAP ? CAP / sum : 1;
      background[k] *= scale;
      for (int j = 0; j < classes; j++) {
        t[k][j] = background[k] * base[j] + scale * excess[j];
      }
      t[k][k] = 1 - sum * scale;
    }
    return new NoiseTransition(t, background, base.clone());
  }

  /**
   * From rows by true and given class: {@code T[k][j] = N_kj / (N_k + 20)} off the diagonal, shrunk
   * toward the identity as if 20 more rows of each class were right; off-diagonal sums are capped
   * at 0.7.
   *
   * @param joint N[true][given], not negative, in rows
   */
  public static NoiseTransition ofJoint(double[][] joint) {
    double[][] t = new double[joint.length][joint.length];
    for (int k = 0; k < joint.length; k++) {
      double rows = Arrays.stream(joint[k]).sum() + SHRINKAGE;
      double wrong = (rows - SHRINKAGE - joint[k][k]) / rows;
      double scale = wrong > CAP ? CAP / wrong : 1;
      for (int j = 0; j < joint.length; j++) {
        t[k][j] = j == k ? 1 - wrong * scale : scale * joint[k][j] / rows;
      }
    }
    return new NoiseTransition(t);
  }

  private static double excess(Anchors.Labels anchors, int k, int j, double background) {
    double least = Double.POSITIVE_INFINITY;
    for (long[][] level : anchors.counts()) {
      double rows = Arrays.stream(level[k]).sum();
      double expected = rows * background;
      boolean clear = level[k][j] > expected + 4 * Math.sqrt(expected) + 2;
      least = Math.min(least, clear ? (level[k][j] - expected) / (rows + SHRINKAGE) : 0);
    }
    return least;
  }

  /** How many classes there are. */
  public int classes() {
    return right.length;
  }

  /** T[true][given]; rows sum to 1. */
  public double[][] matrix() {
    double[][] matrix = new double[right.length][right.length];
    for (int k = 0; k < right.length; k++) {
      for (int j = 0; j < right.length; j++) {
        matrix[k][j] = at(k, j);
      }
    }
    return matrix;
  }

  private double at(int truth, int given) {
    if (truth == given) {
      return right[truth];
    }
    int found = Arrays.binarySearch(confused[truth], given);
    return background[truth] * base[given] + (found < 0 ? 0 : added[truth][found]);
  }

  /**
   * The true class: q &gt;= 0 with sum_true q_true T[true][.] = p, by expectation-maximisation,
   * {@code q_k <- q_k sum_j T_kj p_j / (qT)_j}. The background is one product for all classes, so a
   * round costs as many operations as there are classes and confusions.
   *
   * @param p what a model of given labels predicts
   * @return sums to 1
   */
  public double[] truth(double[] p) {
    int classes = p.length;
    double[] q = p.clone();
    double[] ratio = new double[classes];
    for (int round = 0; round < ROUNDS; round++) {
      given(q, ratio);
      double flipped = 0;
      for (int j = 0; j < classes; j++) {
        ratio[j] = p[j] / Math.max(1e-9, ratio[j]);
        flipped += base[j] * ratio[j];
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        double gain =
            right[k] * ratio[k] + background[k] * Math.max(0, flipped - base[k] * ratio[k]);
        for (int i = 0; i < confused[k].length; i++) {
          gain += added[k][i] * ratio[confused[k][i]];
        }
        q[k] *= gain;
        sum += q[k];
      }
      for (int k = 0; k < classes; k++) {
        q[k] = sum > 0 ? q[k] / sum : 1.0 / classes;
      }
    }
    return q;
  }

  /** The given class of a row whose true class is distributed as q: qT. */
  private void given(double[] q, double[] p) {
    double flipped = 0;
    for (int k = 0; k < q.length; k++) {
      flipped += q[k] * background[k];
    }
    for (int j = 0; j < q.length; j++) {
      p[j] = q[j] * right[j] + base[j] * Math.max(0, flipped - q[j] * background[j]);
    }
    for (int k = 0; k < q.length; k++) {
      for (int i = 0; i < confused[k].length; i++) {
        p[confused[k][i]] += q[k] * added[k][i];
      }
    }
  }

  /**
   * The true class once the given one is known: {@code q_k T[k][given]}, scaled to sum to 1. Where
   * no class could have been given that label, it is wrong, and q tells the rest.
   *
   * @param q from {@link #truth}
   */
  public double[] posterior(double[] q, int given) {
    double[] joint = new double[q.length];
    double all = 0;
    for (int k = 0; k < q.length; k++) {
      joint[k] = q[k] * at(k, given);
      all += joint[k];
    }
    if (all <= 0) {
      return q.clone();
    }
    for (int k = 0; k < q.length; k++) {
      joint[k] /= all;
    }
    return joint;
  }

  /**
   * P(the given label is wrong) = 1 - q_g T[g][g] / sum_true q_true T[true][g]; in [0, 1].
   *
   * @param q from {@link #truth}
   */
  public double wrong(double[] q, int given) {
    return Math.max(0, Math.min(1, 1 - posterior(q, given)[given]));
  }

  /** The most probable true class of a row with that label. */
  public int suggestion(double[] q, int given) {
    return Probabilities.argMax(posterior(q, given));
  }
}
