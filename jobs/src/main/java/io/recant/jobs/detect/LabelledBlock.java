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
 * Some candidates of one shard as one array of bytes: millions of rows kept between passes are few
 * objects to the garbage collector, and go to disk and come back as they are. (Java's object
 * streams, which Spark writes objects to disk with, hold on to the last hundred; arrays of bytes go
 * by another way.)
 *
 * <pre>shard, canaries, classes, rows: int each
 * keys: long a row; given: int a row; where each id ends: int a row
 * probabilities: float a class, row after row; ids: UTF-8</pre>
 */
final class LabelledBlock implements Serializable {

  /** Large arrays are not copied by the garbage collector; this one fills regions of 1 or 2 MiB. */
  private static final int BYTES = (1 << 21) - 1024;

  private static final int MOST_ROWS = 1 << 13;
  private static final int HEADER = 4 * Integer.BYTES;
  private static final int ID_BYTES = 32;
  private static final int ROW_BYTES = Long.BYTES + 2 * Integer.BYTES;
  private static final VarHandle FLOAT = view(float[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final byte[] bytes;

  private LabelledBlock(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The block of {@link #bytes}. */
  static LabelledBlock of(byte[] bytes) {
    return new LabelledBlock(bytes);
  }

  /** All there is. */
  byte[] bytes() {
    return bytes;
  }

  int size() {
    return number(3 * Integer.BYTES);
  }

  int shard() {
    return number(0);
  }

  boolean canaries() {
    return number(Integer.BYTES) != 0;
  }

  /** Probabilities a row; 0 where none are known. */
  int classes() {
    return number(2 * Integer.BYTES);
  }

  long key(int row) {
    return (long) LONG.get(bytes, HEADER + row * Long.BYTES);
  }

  int given(int row) {
    return number(HEADER + size() * Long.BYTES + row * Integer.BYTES);
  }

  String id(int row) {
    return id(row, start(row)).toString();
  }

  /** Fills an array of as many numbers as there are classes. */
  double[] p(int row, double[] p) {
    int from = HEADER + size() * ROW_BYTES + row * p.length * Float.BYTES;
    for (int k = 0; k < p.length; k++) {
      p[k] = (float) FLOAT.get(bytes, from + k * Float.BYTES);
    }
    return p;
  }

  /** One row as a block of its own. */
  LabelledBlock only(int row) {
    Builder one = new Builder(canaries(), classes(), 1);
    double[] p = p(row, new double[classes()]);
    float[] floats = new float[p.length];
    for (int k = 0; k < p.length; k++) {
      floats[k] = (float) p[k];
    }
    one.add(id(row, start(row)), shard(), key(row), given(row), floats);
    return one.build();
  }

  /** The rows. */
  Iterator<LabelledRow> rows() {
    return new Iterator<>() {
      private final int size = size();
      private int next;

      @Override
      public boolean hasNext() {
        return next < size;
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

  private UTF8String id(int row, int start) {
    int size = size();
    int ids = HEADER + size * ROW_BYTES + size * classes() * Float.BYTES;
    return UTF8String.fromBytes(bytes, ids + start, end(row) - start);
  }

  private int start(int row) {
    return row == 0 ? 0 : end(row - 1);
  }

  private int end(int row) {
    return number(HEADER + size() * (Long.BYTES + Integer.BYTES) + row * Integer.BYTES);
  }

  private int number(int at) {
    return (int) INT.get(bytes, at);
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  /** Collects rows of one shard, of samples or of canaries, with as many probabilities each. */
  static final class Builder {

    private final boolean canaries;
    private final int classes;
    private final int capacity;
    private final byte[] keys;
    private final byte[] given;
    private final byte[] ends;
    private final byte[] probabilities;
    private byte[] ids;
    private int idBytes;
    private int shard;
    private int size;

    Builder(boolean canaries, int classes) {
      this(
          canaries,
          classes,
          Math.max(
              1,
              Math.min(
                  MOST_ROWS, (BYTES - HEADER) / (ROW_BYTES + ID_BYTES + Float.BYTES * classes))));
    }

    private Builder(boolean canaries, int classes, int capacity) {
      this.canaries = canaries;
      this.classes = classes;
      this.capacity = capacity;
      keys = new byte[capacity * Long.BYTES];
      given = new byte[capacity * Integer.BYTES];
      ends = new byte[capacity * Integer.BYTES];
      probabilities = new byte[capacity * classes * Float.BYTES];
      ids = new byte[capacity * ID_BYTES];
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
      LONG.set(keys, size * Long.BYTES, key);
      INT.set(this.given, size * Integer.BYTES, given);
      byte[] name = id.getBytes();
      if (idBytes + name.length > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(idBytes + name.length, 2 * ids.length));
      }
      System.arraycopy(name, 0, ids, idBytes, name.length);
      idBytes += name.length;
      INT.set(ends, size * Integer.BYTES, idBytes);
      for (int k = 0, at = size * classes * Float.BYTES; k < classes; k++, at += Float.BYTES) {
        FLOAT.set(probabilities, at, p[k]);
      }
      size++;
    }

    /** What was collected; the next row begins another block. */
    LabelledBlock build() {
      byte[] bytes = new byte[HEADER + size * (ROW_BYTES + classes * Float.BYTES) + idBytes];
      INT.set(bytes, 0, shard);
      INT.set(bytes, Integer.BYTES, canaries ? 1 : 0);
      INT.set(bytes, 2 * Integer.BYTES, classes);
      INT.set(bytes, 3 * Integer.BYTES, size);
      int at = HEADER;
      at = put(keys, size * Long.BYTES, bytes, at);
      at = put(given, size * Integer.BYTES, bytes, at);
      at = put(ends, size * Integer.BYTES, bytes, at);
      at = put(probabilities, size * classes * Float.BYTES, bytes, at);
      put(ids, idBytes, bytes, at);
      size = 0;
      idBytes = 0;
      return new LabelledBlock(bytes);
    }

    private static int put(byte[] from, int length, byte[] to, int at) {
      System.arraycopy(from, 0, to, at, length);
      return at + length;
    }
  }
}
