package io.recant.jobs.detect;

import org.apache.spark.sql.Row;

/** Vector columns as Java arrays. */
final class Vectors {

  private Vectors() {}

  /** An {@code array<float>} column. */
  static float[] of(Row row, int column) {
    scala.collection.Seq<?> values = (scala.collection.Seq<?>) row.get(column);
    float[] vector = new float[values.size()];
    scala.collection.Iterator<?> iterator = values.iterator();
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) iterator.next();
    }
    return vector;
  }

  /** The same scaled to length 1; empty where it is zero or not finite. */
  static float[] unit(Row row, int column) {
    float[] vector = of(row, column);
    double norm = Math.sqrt(dot(vector, vector));
    if (!(norm > 1e-12) || Double.isInfinite(norm)) {
      return new float[0];
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / norm);
    }
    return vector;
  }

  /** The inner product. */
  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
