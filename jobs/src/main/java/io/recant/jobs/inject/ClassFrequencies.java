package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How many rows each class has; classes are in the order of their names. */
final class ClassFrequencies implements Serializable {

  private final List<String> classes;
  private final long[] before;

  /** Frequencies from counts. */
  ClassFrequencies(SortedMap<String, Long> counts) {
    classes = List.copyOf(counts.keySet());
    before = new long[classes.size() + 1];
    for (int i = 0; i < classes.size(); i++) {
      before[i + 1] = before[i] + counts.get(classes.get(i));
    }
  }

  /** The frequencies of the targets of rows. */
  static ClassFrequencies of(Dataset<Row> rows) {
    SortedMap<String, Long> counts = new TreeMap<>();
    rows.groupBy(col("target"))
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    return new ClassFrequencies(counts);
  }

  /** The classes, sorted. */
  List<String> classes() {
    return classes;
  }

  /**
   * Another class than {@code current}, each with a probability proportional to its frequency.
   *
   * @param draw uniform in [0, 1)
   * @return null when there is no other class
   */
  String drawOther(double draw, String current) {
    int own = Collections.binarySearch(classes, current);
    long ownRows = own < 0 ? 0 : before[own + 1] - before[own];
    long others = before[classes.size()] - ownRows;
    if (others == 0) {
      return null;
    }
    long position = (long) (draw * others);
    if (own >= 0 && position >= before[own]) {
      position += ownRows;
    }
    return classes.get(last(position));
  }

  /** The last class with at most {@code position} rows before it that is not empty. */
  private int last(long position) {
    int low = 0;
    int high = classes.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (before[middle] <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
