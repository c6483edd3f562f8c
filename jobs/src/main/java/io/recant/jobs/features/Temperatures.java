package io.recant.jobs.features;

import java.io.Serializable;

/**
 * The temperature of each of several predictors: the one with the smallest negative log-likelihood
 * of the given labels (Guo et al., ICML 2017), over a grid. The sums merge, so one pass over the
 * rows is enough.
 */
final class Temperatures implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final int FIRST = 6;
  private static final int LAST = 30;

  /** [predictor][grid point]: sum of -log p(given label). */
  private final double[][] loss;

  Temperatures(int repeats) {
    loss = new double[repeats][LAST - FIRST + 1];
  }

  /** Counts one prediction. */
  Temperatures add(int repeat, float[] logProbabilities, int label) {
    for (int i = 0; i < loss[repeat].length; i++) {
      loss[repeat][i] -= Math.log(Math.max(1e-12, tempered(logProbabilities, at(i))[label]));
    }
    return this;
  }

  /** Adds another part of the rows. */
  Temperatures merge(Temperatures other) {
    for (int r = 0; r < loss.length; r++) {
      for (int i = 0; i < loss[r].length; i++) {
        loss[r][i] += other.loss[r][i];
      }
    }
    return this;
  }

  /** The best temperature of each predictor. */
  double[] best() {
    double[] best = new double[loss.length];
    for (int r = 0; r < loss.length; r++) {
      int at = 0;
      for (int i = 1; i < loss[r].length; i++) {
        at = loss[r][i] < loss[r][at] ? i : at;
      }
      best[r] = at(at);
    }
    return best;
  }

  /** softmax(log p / T). */
  static double[] tempered(float[] logProbabilities, double temperature) {
    double[] p = new double[logProbabilities.length];
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.exp(logProbabilities[k] / temperature);
      sum += p[k];
    }
    for (int k = 0; k < p.length; k++) {
      p[k] /= sum;
    }
    return p;
  }

  /** log p, not below log 1e-12. */
  static float[] logs(float[] p) {
    float[] logs = new float[p.length];
    for (int k = 0; k < logs.length; k++) {
      logs[k] = (float) Math.log(Math.max(p[k], 1e-12));
    }
    return logs;
  }

  private static double at(int i) {
    return (FIRST + i) / 10.0;
  }
}
