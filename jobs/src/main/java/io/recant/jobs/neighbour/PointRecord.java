package io.recant.jobs.neighbour;

import io.recant.core.vector.CellGroup;
import io.recant.core.vector.Nearest;
import io.recant.core.vector.Neighbourhood;
import io.recant.core.vector.Point;
import java.nio.ByteBuffer;

/** Points and neighbourhoods as bytes: boxed objects take three times the room and time. */
final class PointRecord {

  /** The slot of a point that does not lie in the group it visits. */
  static final int NOWHERE = -1;

  private PointRecord() {}

  /**
   * A point on its way to a group.
   *
   * @param own the slot it lies in, or {@link #NOWHERE}
   * @param visitor the point and the slots of the group it looks into
   */
  record Arrival(int own, CellGroup.Visitor visitor) {}

  static byte[] of(Point point, int own, int[] slots, int count) {
    ByteBuffer bytes =
        ByteBuffer.allocate(
            Integer.BYTES * (4 + count + point.vector().length) + Long.BYTES + Float.BYTES);
    bytes.putInt(own).putInt(count);
    for (int i = 0; i < count; i++) {
      bytes.putInt(slots[i]);
    }
    bytes.putLong(point.key()).putInt(point.label()).putFloat(point.lift());
    bytes.putInt(point.vector().length);
    bytes.asFloatBuffer().put(point.vector());
    return bytes.array();
  }

  static Arrival arrival(byte[] record) {
    ByteBuffer bytes = ByteBuffer.wrap(record);
    int own = bytes.getInt();
    int[] slots = new int[bytes.getInt()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = bytes.getInt();
    }
    long key = bytes.getLong();
    int label = bytes.getInt();
    float lift = bytes.getFloat();
    float[] vector = new float[bytes.getInt()];
    bytes.asFloatBuffer().get(vector);
    return new Arrival(own, new CellGroup.Visitor(new Point(key, label, vector, lift), slots));
  }

  static byte[] of(Neighbourhood neighbourhood) {
    Nearest nearest = neighbourhood.nearest();
    Nearest duplicates = neighbourhood.duplicates();
    int each = Float.BYTES + Long.BYTES + Integer.BYTES;
    ByteBuffer bytes =
        ByteBuffer.allocate(
            2 * Integer.BYTES + each * (nearest.keys().length + duplicates.keys().length));
    put(bytes, nearest);
    put(bytes, duplicates);
    return bytes.array();
  }

  private static void put(ByteBuffer bytes, Nearest nearest) {
    bytes.putInt(nearest.keys().length);
    for (int i = 0; i < nearest.keys().length; i++) {
      bytes.putFloat(nearest.similarities()[i]).putLong(nearest.keys()[i]);
      bytes.putInt(nearest.labels()[i]);
    }
  }

  static Neighbourhood neighbourhood(byte[] record) {
    ByteBuffer bytes = ByteBuffer.wrap(record);
    Nearest nearest = nearest(bytes);
    return new Neighbourhood(nearest, nearest(bytes));
  }

  private static Nearest nearest(ByteBuffer bytes) {
    int size = bytes.getInt();
    float[] similarities = new float[size];
    long[] keys = new long[size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      similarities[i] = bytes.getFloat();
      keys[i] = bytes.getLong();
      labels[i] = bytes.getInt();
    }
    return new Nearest(similarities, keys, labels);
  }
}
