package io.recant.core.crowd;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Annotators' answers to a run of samples, in flat arrays: eight bytes an answer and no matrix of
 * samples and annotators. A sample's answers are ordered by annotator, so that sums over them have
 * the same bits everywhere.
 */
public final class Answers implements Serializable {

  /** No fold: every answer is seen. */
  public static final int ALL = -1;

  private final int classes;
  private final int[] starts;
  private final int[] annotators;
  private final int[] answers;
  private final byte[] folds;
  private final float[][] predicted;

  private Answers(
      int classes,
      int[] starts,
      int[] annotators,
      int[] answers,
      byte[] folds,
      float[][] predicted) {
    this.classes = classes;
    this.starts = starts;
    this.annotators = annotators;
    this.answers = answers;
    this.folds = folds;
    this.predicted = predicted;
  }

  /** How many samples there are. */
  public int samples() {
    return starts.length - 1;
  }

  /** How many classes there are to answer with. */
  public int classes() {
    return classes;
  }

  /** Where a sample's answers begin; they end where those of the next begin. */
  public int start(int sample) {
    return starts[sample];
  }

  /** Who gave an answer. */
  public int annotator(int answer) {
    return annotators[answer];
  }

  /** The class an answer names. */
  public int answer(int answer) {
    return answers[answer];
  }

  /** The fold an answer is held out in. */
  public int fold(int answer) {
    return folds[answer];
  }

  /** A model's out-of-sample probabilities for a sample; empty where there are none. */
  float[] predicted(int sample) {
    return predicted[sample];
  }

  /** How many answers a sample has of each class, but for those of a fold. */
  int[] votes(int sample, int without) {
    int[] votes = new int[classes];
    for (int i = starts[sample]; i < starts[sample + 1]; i++) {
      if (folds[i] != without) {
        votes[answers[i]]++;
      }
    }
    return votes;
  }

  /** Takes answers in, sample by sample. */
  public static final class Builder {

    private final int classes;
    private final List<float[]> predicted = new ArrayList<>();
    private int[] starts = new int[16];
    private int[] annotators = new int[64];
    private int[] answers = new int[64];
    private byte[] folds = new byte[64];
    private int size;

    /** A builder for answers that name one of so many classes. */
    public Builder(int classes) {
      this.classes = classes;
    }

    /** Begins a sample. */
    public Builder sample(float[] probabilities) {
      if (predicted.size() + 1 >= starts.length) {
        starts = Arrays.copyOf(starts, 2 * starts.length);
      }
      starts[predicted.size()] = size;
      predicted.add(probabilities);
      return this;
    }

    /** Adds an answer to the sample begun last; annotators in ascending order. */
    public Builder answer(int annotator, int answer, int fold) {
      if (size == answers.length) {
        annotators = Arrays.copyOf(annotators, 2 * size);
        answers = Arrays.copyOf(answers, 2 * size);
        folds = Arrays.copyOf(folds, 2 * size);
      }
      annotators[size] = annotator;
      answers[size] = answer;
      folds[size++] = (byte) fold;
      return this;
    }

    /** How many answers there are so far. */
    public int size() {
      return size;
    }

    /** The answers. */
    public Answers build() {
      int[] ends = Arrays.copyOf(starts, predicted.size() + 1);
      ends[predicted.size()] = size;
      return new Answers(
          classes,
          ends,
          Arrays.copyOf(annotators, size),
          Arrays.copyOf(answers, size),
          Arrays.copyOf(folds, size),
          predicted.toArray(float[][]::new));
    }
  }
}
