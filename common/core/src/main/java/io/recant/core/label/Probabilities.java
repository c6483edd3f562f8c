package io.recant.core.label;

/** What is read off one row of class probabilities. */
public final class Probabilities {

  /** Two probabilities closer than this count as equal, as in cleanlab. */
  static final double TOLERANCE = 1e-6;

  private Probabilities() {}

  /** The most probable class, the first of several. */
  public static int argMax(double[] p) {
    int best = 0;
    for (int k = 1; k < p.length; k++) {
      if (p[k] > p[best]) {
        best = k;
      }
    }
    return best;
  }

  /** The most probable class beside one; that one itself where there is no other. */
  static int argMaxBeside(double[] p, int given) {
    int best = -1;
    for (int k = 0; k < p.length; k++) {
      if (k != given && (best < 0 || p[k] > p[best])) {
        best = k;
      }
    }
    return best < 0 ? given : best;
  }

  /** Whether the given label is as probable as any other, up to the tolerance. */
  static boolean predictsGiven(double[] p, int given) {
    for (int k = 0; k < p.length; k++) {
      double lead = p[k] - (p[given] + TOLERANCE);
      if (k != given && (k < given ? lead >= 0 : lead > 0)) {
        return false;
      }
    }
    return true;
  }
}
