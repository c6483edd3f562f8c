package io.recant.core.decision;

import java.util.Random;

/**
 * Good rows score N(0, 1), bad rows and canaries N(d, 1), turned into log-odds of canary against
 * good (d s - d^2/2). Scores are rounded to 1/1000 as the job does.
 */
record Simulation(double[] canaries, double[] samples, boolean[] bad) {

  static Simulation draw(double d, double share, int samples, int canaries, long seed) {
    Random random = new Random(seed);
    boolean[] bad = new boolean[samples];
    double[] scores = new double[samples];
    for (int i = 0; i < samples; i++) {
      bad[i] = i < share * samples;
      scores[i] = score(random.nextGaussian() + (bad[i] ? d : 0), d);
    }
    double[] known = new double[canaries];
    for (int i = 0; i < canaries; i++) {
      known[i] = score(random.nextGaussian() + d, d);
    }
    return new Simulation(known, scores, bad);
  }

  private static double score(double x, double d) {
    return Math.rint((d * x - d * d / 2) * 1000) / 1000;
  }

  ScoreCounts counts() {
    return ScoreCounts.of(canaries, samples);
  }

  double truePrecision(double threshold) {
    return hits(threshold) / flagged(threshold);
  }

  double trueRecall(double threshold) {
    return hits(threshold) / hits(Double.NEGATIVE_INFINITY);
  }

  double flagged(double threshold) {
    double flagged = 0;
    for (double score : samples) {
      flagged += score >= threshold ? 1 : 0;
    }
    return flagged;
  }

  private double hits(double threshold) {
    double hits = 0;
    for (int i = 0; i < samples.length; i++) {
      hits += bad[i] && samples[i] >= threshold ? 1 : 0;
    }
    return hits;
  }
}
