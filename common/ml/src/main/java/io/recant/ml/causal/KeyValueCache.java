package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys and values of the tokens that a batch has read, so that the next pass reads new tokens
 * only. Rows may be of different lengths: a pass is padded on the right to its longest row, each
 * row counts its own positions, and a column that is padding in a row is never looked at by it.
 *
 * <p>Holds two arrays (N, G, capacity, d) a layer, made at the first pass and owned by the manager
 * given. For inference only: it writes into its arrays, which a backward pass could not follow.
 */
final class KeyValueCache {

  private final NDManager manager;
  private final int capacity;
  private final List<NDList> layers = new ArrayList<>();

  /** Where the token of a row's column stands; {@link Context#NOWHERE} where there is none. */
  private long[][] columns;

  private long[] lengths;
  private int filled;

  /** Whether a row has padding, so that rows are no longer laid out alike. */
  private boolean ragged;

  /**
   * @param manager owner of the arrays, on the model's device; closing it frees them
   * @param rows N
   * @param capacity tokens that can be read in all, padding among them
   */
  KeyValueCache(NDManager manager, int rows, int capacity) {
    this.manager = manager;
    this.capacity = capacity;
    columns = new long[rows][capacity];
    lengths = new long[rows];
  }

  /**
   * The context of the next pass, which is over T = max(counts) further tokens a row.
   *
   * @param counts how many of them are tokens in each row; those after them are padding
   */
  Context append(int... counts) {
    int from = filled;
    int length = Arrays.stream(counts).max().orElseThrow();
    if (from + length > capacity) {
      throw new IllegalArgumentException(
          from + length + " tokens in a cache of " + capacity + " columns");
    }
    int layouts = ragged ? columns.length : 1;
    long[][] positions = new long[layouts][length];
    for (int row = 0; row < columns.length; row++) {
      for (int i = 0; i < length; i++) {
        columns[row][from + i] = lengths[row] + i;
      }
      if (row < layouts) {
        positions[row] = Arrays.copyOfRange(columns[row], from, from + length);
      }
    }
    filled += length;
    long[][] seen = new long[layouts][];
    for (int row = 0; row < layouts; row++) {
      seen[row] = Arrays.copyOf(columns[row], filled);
    }
    for (int row = 0; row < columns.length; row++) {
      // Tokens of this pass see no padding of it, which stands after them; later ones would.
      Arrays.fill(columns[row], from + counts[row], filled, Context.NOWHERE);
      lengths[row] += counts[row];
      ragged |= counts[row] < length;
    }
    return new Pass(from, positions, seen);
  }

  /** Lets go of all rows but these, in ascending order. */
  void keep(int... rows) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray index = scope.create(Arrays.stream(rows).asLongStream().toArray());
      for (NDList layer : layers) {
        layer.replaceAll(
            array -> {
              NDArray kept = array.get(index);
              array.close();
              return kept;
            });
      }
    }
    columns = Arrays.stream(rows).mapToObj(row -> columns[row]).toArray(long[][]::new);
    lengths = Arrays.stream(rows).mapToLong(row -> lengths[row]).toArray();
  }

  private final class Pass implements Context {

    private final int from;
    private final long[][] positions;
    private final long[][] seen;

    Pass(int from, long[][] positions, long[][] seen) {
      this.from = from;
      this.positions = positions;
      this.seen = seen;
    }

    @Override
    public long[][] positions() {
      return positions;
    }

    @Override
    public long[][] seen() {
      return seen;
    }

    @Override
    public NDList attended(int layer, NDArray keys, NDArray values) {
      if (layer == layers.size()) {
        long[] shape = keys.getShape().getShape().clone();
        shape[2] = capacity;
        layers.add(new NDList(manager.zeros(new Shape(shape)), manager.zeros(new Shape(shape))));
      }
      NDList cached = layers.get(layer);
      return new NDList(read(cached.get(0), keys), read(cached.get(1), values));
    }

    private NDArray read(NDArray cached, NDArray added) {
      cached.set(columns(from, from + positions[0].length), added);
      NDArray all = cached.get(columns(0, seen[0].length));
      all.attach(added.getManager());
      return all;
    }

    private static NDIndex columns(long from, long to) {
      return new NDIndex().addAllDim(2).addSliceDim(from, to);
    }
  }
}
