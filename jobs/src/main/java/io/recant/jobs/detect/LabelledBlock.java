package io.recant.jobs.detect;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Some candidates of one shard, side by side in a few arrays: millions of rows kept between passes
 * are few objects to the garbage collector, and bytes go to disk and come back as they are.
 */
final class LabelledBlock implements Serializable {

  /** Large arrays are not copied by the garbage collector; this one fills regions of 1 or 2 MiB. */
  private static final int BYTES = (1 << 21) - 1024;

  private static final int MOST_ROWS = 1 << 13;
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

  private final int shard;
  private final boolean canaries;
  private final int classes;
  private final long[] keys;
  private final int[] given;

  /** UTF-8 of all ids. */
  private final byte[] ids;

  /** Where each id ends. */
  private final int[] ends;

  /** Row after row. */
  private final byte[] probabilities;

  private LabelledBlock(
      int shard,
      boolean canaries,
      int classes,
      long[] keys,
      int[] given,
      byte[] ids,
      int[] ends,
      byte[] probabilities) {
    this.shard = shard;
    this.canaries = canaries;
    this.classes = classes;
    this.keys = keys;
    this.given = given;
    this.ids = ids;
    this.ends = ends;
    this.probabilities = probabilities;
  }

  int size() {
    return keys.length;
  }

  int shard() {
    return shard;
  }

  boolean canaries() {
    return canaries;
  }

  /** Probabilities a row; 0 where none are known. */
  int classes() {
    return classes;
  }

  long key(int row) {
    return keys[row];
  }

  int given(int row) {
    return given[row];
  }

  String id(int row) {
    int start = start(row);
    return UTF8String.fromBytes(ids, start, ends[row] - start).toString();
  }

  /** Fills an array of as many numbers as there are classes. */
  double[] p(int row, double[] p) {
    int from = row * classes * Float.BYTES;
    for (int k = 0; k < classes; k++) {
      p[k] = (float) FLOAT.get(probabilities, from + k * Float.BYTES);
    }
    return p;
  }

  /** One row as a block of its own. */
  LabelledBlock only(int row) {
    int bytes = classes * Float.BYTES;
    return new LabelledBlock(
        shard,
        canaries,
        classes,
        new long[] {keys[row]},
        new int[] {given[row]},
        Arrays.copyOfRange(ids, start(row), ends[row]),
        new int[] {ends[row] - start(row)},
        Arrays.copyOfRange(probabilities, row * bytes, (row + 1) * bytes));
  }

  /** The rows. */
  Iterator<LabelledRow> rows() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < size();
      }

      @Override
      public LabelledRow next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return new LabelledRow(LabelledBlock.this, next++);
      }
    };
  }

  private int start(int row) {
    return row == 0 ? 0 : ends[row - 1];
  }

  /** Collects rows of one shard, of samples or of canaries, with as many probabilities each. */
  static final class Builder {

    private final boolean canaries;
    private final int classes;
    private final int capacity;
    private final int[] given;
    private final long[] keys;
    private final int[] ends;
    private final byte[] probabilities;
    private byte[] ids;
    private int shard;
    private int size;

    Builder(boolean canaries, int classes) {
      this.canaries = canaries;
      this.classes = classes;
      capacity = Math.max(1, Math.min(MOST_ROWS, BYTES / (Float.BYTES * Math.max(1, classes))));
      given = new int[capacity];
      keys = new long[capacity];
      ends = new int[capacity];
      probabilities = new byte[capacity * classes * Float.BYTES];
      ids = new byte[capacity * 32];
    }

    int classes() {
      return classes;
    }

    boolean isFull() {
      return size == capacity;
    }

    boolean isEmpty() {
      return size == 0;
    }

    /** Takes a row in; {@code p} has as many numbers as there are classes. */
    void add(UTF8String id, int shard, long key, int given, float[] p) {
      this.shard = shard;
      keys[size] = key;
      this.given[size] = given;
      byte[] name = id.getBytes();
      int start = size == 0 ? 0 : ends[size - 1];
      if (start + name.length > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(start + name.length, 2 * ids.length));
      }
      System.arraycopy(name, 0, ids, start, name.length);
      ends[size] = start + name.length;
      for (int k = 0, at = size * classes * Float.BYTES; k < classes; k++, at += Float.BYTES) {
        FLOAT.set(probabilities, at, p[k]);
      }
      size++;
    }

    /** What was collected; the next row begins another block. */
    LabelledBlock build() {
      int length = size == 0 ? 0 : ends[size - 1];
      LabelledBlock block =
          new LabelledBlock(
              shard,
              canaries,
              classes,
              Arrays.copyOf(keys, size),
              Arrays.copyOf(given, size),
              Arrays.copyOf(ids, length),
              Arrays.copyOf(ends, size),
              Arrays.copyOf(probabilities, size * classes * Float.BYTES));
      size = 0;
      return block;
    }
  }
}
