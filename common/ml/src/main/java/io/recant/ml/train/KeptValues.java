package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import java.util.ArrayList;
import java.util.List;

/** The values that arrays had at some time, to give them back. */
final class KeptValues {

  private final List<NDArray> arrays;
  private final NDManager owner;
  private final List<NDArray> values = new ArrayList<>();

  /**
   * Keeps nothing yet, and needs no memory until it does.
   *
   * @param owner of the values
   */
  KeptValues(List<NDArray> arrays, NDManager owner) {
    this.arrays = List.copyOf(arrays);
    this.owner = owner;
  }

  /** Keeps the arrays' values as they are now, in place of those before. */
  void keep() {
    try (GradMode off = GradMode.inference()) {
      for (int i = 0; i < arrays.size(); i++) {
        if (values.size() == i) {
          NDArray copy = arrays.get(i).duplicate();
          copy.attach(owner);
          values.add(copy);
        } else {
          InPlace.copy(arrays.get(i), values.get(i));
        }
      }
    }
  }

  /** What was kept, in the order of the arrays; empty before the first time. */
  List<NDArray> values() {
    return List.copyOf(values);
  }

  /** Gives the arrays the values that were kept; before the first time they stay as they are. */
  void giveBack() {
    try (GradMode off = GradMode.inference()) {
      for (int i = 0; i < values.size(); i++) {
        InPlace.copy(values.get(i), arrays.get(i));
      }
    }
  }
}
