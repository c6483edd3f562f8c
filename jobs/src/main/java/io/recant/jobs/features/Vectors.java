package io.recant.jobs.features;

import org.apache.spark.sql.Row;

/** Vector columns as Java arrays. */
final class Vectors {

  private Vectors() {}

  /** An {@code array<float>} column. */
  static float[] of(Row row, String column) {
    return of(row.<scala.collection.Seq<?>>getAs(column));
  }

  /** A value of such a column. */
  static float[] of(scala.collection.Seq<?> values) {
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) values.apply(i);
    }
    return vector;
  }

  /** The inner product; the cosine where both have length 1. */
  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
