package io.recant.ml.head;

import java.util.Arrays;

/**
 * What each row's softmax output should be: a distribution over outputs, all of it on a few. A
 * class label is the distribution with everything on one; a bag of tokens spreads it by their
 * counts.
 *
 * @param offsets where each row's entries begin, and where the last row's end: rows + 1 numbers
 * @param ids the outputs of all rows' entries
 * @param shares their probabilities; a row's add up to 1
 */
public record SparseTargets(int[] offsets, int[] ids, float[] shares) {

  /** Everything on the label. */
  public static SparseTargets labels(int[] labels) {
    int[] offsets = new int[labels.length + 1];
    Arrays.setAll(offsets, i -> i);
    float[] shares = new float[labels.length];
    Arrays.fill(shares, 1);
    return new SparseTargets(offsets, labels.clone(), shares);
  }

  /**
   * The distribution of each row's tokens, in whatever order they come; a row without tokens has no
   * entries and no loss.
   */
  public static SparseTargets bagsOfTokens(int[][] tokens) {
    int[] offsets = new int[tokens.length + 1];
    int total = Arrays.stream(tokens).mapToInt(row -> row.length).sum();
    int[] ids = new int[total];
    float[] shares = new float[total];
    int end = 0;
    for (int row = 0; row < tokens.length; row++) {
      int[] sorted = tokens[row].clone();
      Arrays.sort(sorted);
      for (int i = 0; i < sorted.length; i++) {
        if (i > 0 && sorted[i] == sorted[i - 1]) {
          shares[end - 1] += 1f / sorted.length;
        } else {
          ids[end] = sorted[i];
          shares[end++] = 1f / sorted.length;
        }
      }
      offsets[row + 1] = end;
    }
    return new SparseTargets(offsets, Arrays.copyOf(ids, end), Arrays.copyOf(shares, end));
  }

  /** How many rows. */
  public int rows() {
    return offsets.length - 1;
  }

  /** The most entries any of these rows has, at least 1. */
  int width(int[] rows) {
    int width = 1;
    for (int row : rows) {
      width = Math.max(width, offsets[row + 1] - offsets[row]);
    }
    return width;
  }

  /** The label of a row that has exactly one entry. */
  int label(int row) {
    if (offsets[row + 1] - offsets[row] != 1) {
      throw new IllegalStateException("row " + row + " has a distribution, not a label");
    }
    return ids[offsets[row]];
  }
}
