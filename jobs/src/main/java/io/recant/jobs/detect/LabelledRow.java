package io.recant.jobs.detect;

import java.io.Serializable;

/**
 * A candidate of a classification corpus as label detectors see it: a place in a {@link
 * LabelledBlock}. One that is sent away takes nothing but itself along.
 */
final class LabelledRow implements Serializable {

  private final LabelledBlock block;
  private final int index;

  LabelledRow(LabelledBlock block, int index) {
    this.block = block;
    this.index = index;
  }

  /** Its candidate id. */
  String id() {
    return block.id(index);
  }

  /** Its shard. */
  int shard() {
    return block.shard();
  }

  /** Whether it is a canary. */
  boolean canary() {
    return block.canaries();
  }

  /** A hash of the sample it is, or is a copy of: what neighbours are found by. */
  long key() {
    return block.key(index);
  }

  /** The class it was given. */
  int given() {
    return block.given(index);
  }

  /** Whether there are out-of-sample probabilities of it. */
  boolean isPredicted() {
    return block.classes() > 0;
  }

  /** The probabilities, one per class; none where it is not predicted. */
  double[] p() {
    return block.p(index, new double[block.classes()]);
  }

  /** The probabilities in an array that is there already, where it fits: for passes over rows. */
  double[] p(Buffer buffer) {
    if (buffer.array == null || buffer.array.length != block.classes()) {
      buffer.array = new double[block.classes()];
    }
    return block.p(index, buffer.array);
  }

  private Object writeReplace() {
    return block.size() == 1 ? this : new LabelledRow(block.only(index), 0);
  }

  /** Where one task after the other puts the probabilities of the row it looks at. */
  static final class Buffer implements Serializable {
    private transient double[] array;
  }
}
