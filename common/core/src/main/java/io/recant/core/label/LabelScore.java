package io.recant.core.label;

/** How suspicious a given label is by its out-of-sample probabilities: in [0, 1], 1 is bad. */
public enum LabelScore {

  /** 1 - p_y: the probability the model leaves to other classes. */
  SELF_CONFIDENCE {
    @Override
    public double score(double[] p, int given) {
      return 1 - p[given];
    }
  },

  /** 1 - (p_y - max_{k != y} p_k + 1) / 2: how far another class leads. */
  NORMALIZED_MARGIN {
    @Override
    public double score(double[] p, int given) {
      double best = p.length == 1 ? 0 : p[Probabilities.argMaxBeside(p, given)];
      return (best - p[given] + 1) / 2;
    }
  },

  /**
   * 1 - log(1 + h) / h with h the entropy, as a share of log K, divided by p_y (cleanlab's
   * confidence-weighted entropy). 0 where the model is certain.
   */
  CONFIDENCE_WEIGHTED_ENTROPY {
    @Override
    public double score(double[] p, int given) {
      if (p.length == 1) {
        return 0;
      }
      double entropy = 0;
      for (double x : p) {
        entropy -= x > 0 ? x * Math.log(x) : 0;
      }
      double h = entropy / Math.log(p.length) / Math.max(SMALLEST, p[given]);
      return h < SMALLEST ? 0 : 1 - Math.log1p(h) / h;
    }
  },

  /**
   * m / (m + p_y) with m = max_{k != y} p_k: the log-ratio log(m / p_y) through the logistic
   * function, so its order is that of the log-ratio. 0.5 where both are 0, 0 with one class.
   */
  LOG_RATIO {
    @Override
    public double score(double[] p, int given) {
      if (p.length == 1) {
        return 0;
      }
      double best = p[Probabilities.argMaxBeside(p, given)];
      return best + p[given] <= 0 ? 0.5 : best / (best + p[given]);
    }
  };

  private static final double SMALLEST = 1e-6;

  /**
   * Scores one row.
   *
   * @param p one probability per class
   */
  public abstract double score(double[] p, int given);
}
