package io.recant.core.crowd;

import io.recant.core.label.ExactSums;
import java.io.Serializable;

/**
 * Expected counts of (annotator, true class, answer) under a belief about the truth: a mergeable
 * state whose sums do not depend on the order of rows. Memory is annotators times cells, whatever
 * the number of samples and answers.
 */
public final class ConfusionCounts implements Serializable {

  /** How much is kept of an annotator. */
  public enum Detail {
    /** How often right and how often wrong. */
    ONE_COIN,
    /** How often each class was called each. */
    MATRIX;

    /** Numbers an annotator. */
    int cells(int classes) {
      return this == ONE_COIN ? 2 : classes * classes;
    }
  }

  private final int annotators;
  private final int classes;
  private final Detail detail;
  private final ExactSums cells;
  private final ExactSums truths;
  private final ExactSums logEvidence = new ExactSums(1);

  /** No counts yet. */
  public ConfusionCounts(int annotators, int classes, Detail detail) {
    this.annotators = annotators;
    this.classes = classes;
    this.detail = detail;
    cells = new ExactSums(annotators * detail.cells(classes));
    truths = new ExactSums(classes);
  }

  /** How many annotators there are. */
  public int annotators() {
    return annotators;
  }

  /** How many classes there are. */
  public int classes() {
    return classes;
  }

  /** What is kept of an annotator. */
  public Detail detail() {
    return detail;
  }

  /** Counts all samples of a block as a model sees them without a fold. */
  public ConfusionCounts add(Answers answers, TruthModel model, int without) {
    double[] p = new double[classes];
    for (int s = 0; s < answers.samples(); s++) {
      logEvidence.add(0, model.infer(answers, s, without, p));
      for (int k = 0; k < classes; k++) {
        truths.add(k, p[k]);
      }
      for (int i = answers.start(s); i < answers.start(s + 1); i++) {
        if (answers.fold(i) != without) {
          add(answers.annotator(i), answers.answer(i), p);
        }
      }
    }
    return this;
  }

  private void add(int annotator, int answer, double[] p) {
    if (detail == Detail.ONE_COIN) {
      cells.add(2 * annotator, p[answer]);
      cells.add(2 * annotator + 1, 1 - p[answer]);
      return;
    }
    for (int k = 0; k < classes; k++) {
      cells.add((annotator * classes + k) * classes + answer, p[k]);
    }
  }

  /** Adds another's counts to these. */
  public ConfusionCounts merge(ConfusionCounts other) {
    cells.merge(other.cells);
    truths.merge(other.truths);
    logEvidence.merge(other.logEvidence);
    return this;
  }

  /** Log probability of the answers counted, as the model gave it. */
  double logEvidence() {
    return logEvidence.get(0);
  }

  /** The classes' shares of the samples, each class with one sample's worth spread over all. */
  public double[] shares() {
    double[] shares = new double[classes];
    double all = 0;
    for (int k = 0; k < classes; k++) {
      shares[k] = truths.get(k) + 1.0 / classes;
      all += shares[k];
    }
    for (int k = 0; k < classes; k++) {
      shares[k] /= all;
    }
    return shares;
  }

  /**
   * Expected number of an annotator's answers where the true class is one and the answer another.
   */
  public double count(int annotator, int truth, int answer) {
    return cells.get((annotator * classes + truth) * classes + answer);
  }

  /** Expected number of an annotator's answers that are right. */
  public double right(int annotator) {
    if (detail == Detail.ONE_COIN) {
      return cells.get(2 * annotator);
    }
    double right = 0;
    for (int k = 0; k < classes; k++) {
      right += count(annotator, k, k);
    }
    return right;
  }

  /** How many answers an annotator gave. */
  public double answers(int annotator) {
    double sum = 0;
    for (int c = 0; c < detail.cells(classes); c++) {
      sum += cells.get(annotator * detail.cells(classes) + c);
    }
    return sum;
  }

  /**
   * Annotators as these counts show them, drawn toward the pooled annotator: the hierarchical prior
   * Dirichlet(strength times pooled row). With {@link Detail#ONE_COIN} a wrong answer is any other
   * class alike.
   */
  public AnnotatorModel annotatorModel(Detail wanted) {
    return wanted == Detail.ONE_COIN ? oneCoin() : matrices();
  }

  /** Annotators in as much detail as is counted. */
  public AnnotatorModel annotatorModel() {
    return annotatorModel(detail);
  }

  private AnnotatorModel oneCoin() {
    double[] right = new double[annotators];
    double[] all = new double[annotators];
    double pooledRight = 1.0 / classes;
    double pooled = 1;
    for (int j = 0; j < annotators; j++) {
      right[j] = right(j);
      all[j] = answers(j);
      pooledRight += right[j];
      pooled += all[j];
    }
    double base = pooledRight / pooled;
    return (j, k, y, strength) -> {
      double accuracy = (right[j] + strength * base) / (all[j] + strength);
      return k == y ? accuracy : Math.max(Double.MIN_NORMAL, 1 - accuracy) / (classes - 1);
    };
  }

  private AnnotatorModel matrices() {
    double[] rows = new double[annotators * classes];
    double[] counts = new double[annotators * classes * classes];
    double[][] pooled = new double[classes][classes];
    for (int j = 0; j < annotators; j++) {
      for (int k = 0; k < classes; k++) {
        for (int y = 0; y < classes; y++) {
          int at = (j * classes + k) * classes + y;
          counts[at] = cells.get(at);
          rows[j * classes + k] += counts[at];
          pooled[k][y] += counts[at];
        }
      }
    }
    for (double[] row : pooled) {
      double all = 1;
      for (double count : row) {
        all += count;
      }
      for (int y = 0; y < classes; y++) {
        row[y] = (row[y] + 1.0 / classes) / all;
      }
    }
    return (j, k, y, strength) ->
        (counts[(j * classes + k) * classes + y] + strength * pooled[k][y])
            / (rows[j * classes + k] + strength);
  }
}
