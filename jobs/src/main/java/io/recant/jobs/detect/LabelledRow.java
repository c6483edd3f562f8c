package io.recant.jobs.detect;

import java.io.Serializable;

/**
 * A candidate of a classification corpus as label detectors see it.
 *
 * @param id its candidate id
 * @param shard its shard
 * @param canary whether it is a canary
 * @param key a hash of the sample it is, or is a copy of: what neighbours are found by
 * @param given the class it was given
 * @param predicted out-of-sample probabilities, one per class; empty where there are none
 */
record LabelledRow(String id, int shard, boolean canary, long key, int given, float[] predicted)
    implements Serializable {

  /** The probabilities as doubles. */
  double[] p() {
    return widened(new double[predicted.length]);
  }

  /** The probabilities in an array that is there already, where it fits: for passes over rows. */
  double[] p(Buffer buffer) {
    if (buffer.array == null || buffer.array.length != predicted.length) {
      buffer.array = new double[predicted.length];
    }
    return widened(buffer.array);
  }

  private double[] widened(double[] p) {
    for (int k = 0; k < p.length; k++) {
      p[k] = predicted[k];
    }
    return p;
  }

  /** Where one task after the other puts the probabilities of the row it looks at. */
  static final class Buffer implements Serializable {
    private transient double[] array;
  }
}
