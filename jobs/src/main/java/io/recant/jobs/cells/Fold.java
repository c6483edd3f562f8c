package io.recant.jobs.cells;

import io.recant.spark.step.Seeds;
import java.io.Serializable;

/**
 * One part of a corpus of several, held out of a training.
 *
 * @param number from 0 to {@code of - 1}
 * @param of how many parts there are
 * @param seed which way the corpus is cut
 */
public record Fold(int number, int of, long seed) implements Serializable {

  /** Whether a sample is in it; every sample is in exactly one. */
  public boolean holds(String sampleId) {
    return numberOf(sampleId, of, seed) == number;
  }

  /** The number of the fold that a sample is in. */
  public static int numberOf(String sampleId, int of, long seed) {
    return (int) Math.floorMod(Seeds.derive(seed, sampleId), (long) of);
  }
}
