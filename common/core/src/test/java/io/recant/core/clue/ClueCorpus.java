package io.recant.core.clue;

import io.recant.core.stats.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Drawn rows of a corpus, and which of them are bad. */
record ClueCorpus(List<ClueRow> rows, boolean[] bad) {

  static final int CLASSES = 4;
  static final int DIMENSIONS = 20;
  static final int ROWS = 2000;

  /** How far the logit of the true class is above the others, on average. */
  static final double SURE = 2.5;

  ClueModel model() {
    return ClueModel.of(rows, 1);
  }

  /** How well unknown bad rows are ranked above the others. */
  double averagePrecision(ClueModel model) {
    List<Integer> unknown = unknown();
    double[] scores = unknown.stream().mapToDouble(i -> model.score(rows.get(i))).toArray();
    boolean[] isBad = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      isBad[i] = bad[unknown.get(i)];
    }
    return Ranking.of(scores, isBad).averagePrecision();
  }

  double share() {
    List<Integer> unknown = unknown();
    return unknown.stream().filter(i -> bad[i]).count() / (double) unknown.size();
  }

  private List<Integer> unknown() {
    List<Integer> unknown = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (!rows.get(i).known()) {
        unknown.add(i);
      }
    }
    return unknown;
  }

  /** How a bad row comes about. */
  interface Damage {
    ClueRow of(Random random, int truth, boolean known, int fold);
  }

  static ClueCorpus of(double shareBad, double shareKnown, Damage damage) {
    Random random = new Random(5);
    List<ClueRow> rows = new ArrayList<>();
    boolean[] bad = new boolean[ROWS];
    for (int i = 0; i < ROWS; i++) {
      int truth = random.nextInt(CLASSES);
      bad[i] = random.nextDouble() < shareBad && truth != 0;
      boolean known = bad[i] && random.nextDouble() < shareKnown;
      rows.add(
          bad[i]
              ? damage.of(random, truth, known, i % ClueModel.FOLDS)
              : row(random, truth, truth, 0, Set.of("w" + random.nextInt(50)), false, i));
    }
    return new ClueCorpus(rows, bad);
  }

  static ClueRow row(
      Random random, int truth, int given, double shift, Set<String> words, boolean known, int i) {
    return row(random, truth, given, shift, SURE, words, known, i);
  }

  static ClueRow row(
      Random random,
      int truth,
      int given,
      double shift,
      double sure,
      Set<String> words,
      boolean known,
      int i) {
    float[] vector = new float[DIMENSIONS];
    for (int d = 0; d < DIMENSIONS; d++) {
      vector[d] = (float) (random.nextGaussian() + (d == truth ? 3 : 0));
    }
    vector[DIMENSIONS - 1] += (float) shift;
    float[] p = new float[CLASSES];
    double sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      p[k] = (float) Math.exp(random.nextGaussian() + (k == truth ? sure : 0));
      sum += p[k];
    }
    for (int k = 0; k < CLASSES; k++) {
      p[k] /= (float) sum;
    }
    return new ClueRow(known, i % ClueModel.FOLDS, given, p, vector, words);
  }
}
