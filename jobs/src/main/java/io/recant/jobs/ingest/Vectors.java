package io.recant.jobs.ingest;

/** What may stand in a probability vector and in an embedding. */
final class Vectors {

  /** How far from 1 a sum of probabilities may be and still be a matter of rounding. */
  static final double SUM_TOLERANCE = 1e-3;

  private Vectors() {}

  /**
   * Probabilities that sum to 1.
   *
   * @throws RejectedRow when one is NaN, negative or above 1, or the sum is further from 1 than
   *     {@link #SUM_TOLERANCE}
   */
  static float[] probabilities(double[] values) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] >= 0 && values[i] <= 1 + SUM_TOLERANCE)) {
        throw new RejectedRow(
            Rejection.WRONG_PROBABILITIES, "probability " + i + " is " + values[i]);
      }
      sum += values[i];
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw new RejectedRow(
          Rejection.WRONG_PROBABILITIES, "the probabilities sum to " + (float) sum + ", not to 1");
    }
    float[] normalised = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      normalised[i] = (float) (values[i] / sum);
    }
    return normalised;
  }

  /**
   * A vector with a direction.
   *
   * @throws RejectedRow when a component is NaN or infinite, or all are 0
   */
  static float[] embedding(double[] values) {
    float[] vector = new float[values.length];
    boolean zero = true;
    for (int i = 0; i < values.length; i++) {
      vector[i] = (float) values[i];
      if (!Float.isFinite(vector[i])) {
        throw new RejectedRow(
            Rejection.WRONG_EMBEDDING, "component " + i + " of the embedding is " + values[i]);
      }
      zero &= vector[i] == 0;
    }
    if (zero) {
      throw new RejectedRow(
          Rejection.WRONG_EMBEDDING,
          values.length == 0 ? "the embedding is empty" : "every component of the embedding is 0");
    }
    return vector;
  }
}
