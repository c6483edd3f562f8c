package io.recant.core.label;

import java.io.Serializable;
import java.util.Arrays;

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

  private final double[][] transition;

  /** From a matrix whose rows sum to 1. */
  public NoiseTransition(double[][] transition) {
    this.transition = Arrays.stream(transition).map(double[]::clone).toArray(double[][]::new);
  }

  /** The estimate above. */
  public static NoiseTransition estimate(double rate, double[] base, Anchors.Labels anchors) {
    int classes = base.length;
    double[][] t = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      double others = 0;
      for (int j = 0; j < classes; j++) {
        others += j == k ? 0 : base[j];
      }
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        if (j != k) {
          double background = others <= 0 ? 0 : rate * base[j] / others;
          t[k][j] = background + excess(anchors, k, j, background);
          sum += t[k][j];
        }
      }
      double scale = sum > CAP ? CAP / sum : 1;
      for (int j = 0; j < classes; j++) {
        t[k][j] *= scale;
      }
      t[k][k] = 1 - sum * scale;
    }
    return new NoiseTransition(t);
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
    return transition.length;
  }

  /** T[true][given]; rows sum to 1. */
  public double[][] matrix() {
    return Arrays.stream(transition).map(double[]::clone).toArray(double[][]::new);
  }

  /**
   * The true class: q &gt;= 0 with sum_true q_true T[true][.] = p, by expectation-maximisation,
   * {@code q_k <- q_k sum_j T_kj p_j / (qT)_j}.
   *
   * @param p what a model of given labels predicts
   * @return sums to 1
   */
  public double[] truth(double[] p) {
    int classes = p.length;
    double[] q = p.clone();
    double[] ratio = new double[classes];
    for (int round = 0; round < ROUNDS; round++) {
      Arrays.fill(ratio, 0);
      for (int k = 0; k < classes; k++) {
        for (int j = 0; j < classes; j++) {
          ratio[j] += q[k] * transition[k][j];
        }
      }
      for (int j = 0; j < classes; j++) {
        ratio[j] = p[j] / Math.max(1e-9, ratio[j]);
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        double gain = 0;
        for (int j = 0; j < classes; j++) {
          gain += transition[k][j] * ratio[j];
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
      joint[k] = q[k] * transition[k][given];
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
