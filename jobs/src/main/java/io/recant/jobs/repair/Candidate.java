package io.recant.jobs.repair;

import java.io.Serializable;
import java.util.List;

/**
 * A sample whose target may have to be replaced, or a canary, whose target has to be.
 *
 * @param id its id
 * @param shard its shard
 * @param canary whether it is a canary
 * @param given its target
 * @param truth the target of a canary's original; null for samples
 * @param pBad of the sample, or of the canary's original
 * @param opinions what detectors suggest instead, by detector
 * @param predicted out-of-sample probabilities of the classes, one array per model
 */
record Candidate(
    String id,
    int shard,
    boolean canary,
    String given,
    String truth,
    double pBad,
    List<Opinion> opinions,
    List<double[]> predicted)
    implements Serializable {

  /** What one detector suggests, and how sure it is that the given target is wrong. */
  record Opinion(String detector, String suggested, double score) implements Serializable {}

  /** Whether two targets are the same but for white space. */
  static boolean same(String a, String b) {
    return a.strip().replaceAll("\\s+", " ").equals(b.strip().replaceAll("\\s+", " "));
  }
}
