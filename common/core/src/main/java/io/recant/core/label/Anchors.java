package io.recant.core.label;

import java.io.Serializable;

/**
 * The labels given to the rows a model is surest of, at three levels of strictness: for each class
 * k, of the rows whose arg max is k, the 10, 20 and 30 % (at least 15 rows) with the highest p_k.
 * Found in passes over the rows: {@link Sizes}, then {@link Selection} passes with {@link #offer},
 * then {@link Labels}.
 */
public final class Anchors {

  static final double[] FRACTIONS = {0.1, 0.2, 0.3};
  private static final int LEAST = 15;

  private Anchors() {}

  /** Hands a row to a selection pass. */
  public static void offer(Selection.Pass pass, double[] p, long tie) {
    int predicted = Probabilities.argMax(p);
    long key = Selection.key(p[predicted], tie);
    for (int f = 0; f < FRACTIONS.length; f++) {
      pass.add(f * p.length + predicted, key);
    }
  }

  /** Rows predicted as each class; mergeable. */
  public static final class Sizes implements Serializable {

    private final long[] predicted;

    /** No rows yet. */
    public Sizes(int classes) {
      predicted = new long[classes];
    }

    /** Takes one row in. */
    public void add(double[] p) {
      predicted[Probabilities.argMax(p)]++;
    }

    /** Takes another state's rows in. */
    public Sizes merge(Sizes other) {
      for (int k = 0; k < predicted.length; k++) {
        predicted[k] += other.predicted[k];
      }
      return this;
    }

    /** The selection of anchors, its passes still to be made. */
    public Selection selection() {
      int classes = predicted.length;
      long[] quotas = new long[FRACTIONS.length * classes];
      for (int f = 0; f < FRACTIONS.length; f++) {
        for (int k = 0; k < classes; k++) {
          long wanted = Math.max((long) Math.ceil(FRACTIONS[f] * predicted[k]), LEAST);
          quotas[f * classes + k] = Math.min(predicted[k], wanted);
        }
      }
      return Selection.of(quotas);
    }
  }

  /** Labels given to anchors, [level][predicted][given]; mergeable. */
  public static final class Labels implements Serializable {

    private final Selection selection;
    private final long[][][] counts;

    /** No rows yet; the selection is resolved. */
    public Labels(Selection selection, int classes) {
      this.selection = selection;
      counts = new long[FRACTIONS.length][classes][classes];
    }

    /** Takes one row in. */
    public void add(int given, double[] p, long tie) {
      int predicted = Probabilities.argMax(p);
      long key = Selection.key(p[predicted], tie);
      for (int f = 0; f < counts.length; f++) {
        if (selection.selects(f * p.length + predicted, key)) {
          counts[f][predicted][given]++;
        }
      }
    }

    /** Takes another state's rows in. */
    public Labels merge(Labels other) {
      for (int f = 0; f < counts.length; f++) {
        for (int k = 0; k < counts[f].length; k++) {
          for (int j = 0; j < counts[f].length; j++) {
            counts[f][k][j] += other.counts[f][k][j];
          }
        }
      }
      return this;
    }

    long[][][] counts() {
      return counts;
    }
  }
}
