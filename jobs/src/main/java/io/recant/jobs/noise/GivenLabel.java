package io.recant.jobs.noise;

import io.recant.spark.step.Seeds;
import java.io.Serializable;
import java.util.Arrays;

/**
 * A sample's given class beside what models that never saw it predict.
 *
 * @param key names the sample; ties are broken by it
 * @param given index of the given class
 * @param p out-of-sample probabilities of the classes
 */
public record GivenLabel(long key, int given, double[] p) implements Serializable {

  /** That of a sample with this name. */
  public static GivenLabel of(String sampleId, int given, float[] probabilities) {
    double[] p = new double[probabilities.length];
    Arrays.setAll(p, k -> probabilities[k]);
    return new GivenLabel(Seeds.derive(0, sampleId), given, p);
  }
}
