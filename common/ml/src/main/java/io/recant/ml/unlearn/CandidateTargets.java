package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.core.label.ConfusedClasses;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.CandidateLikelihood;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * How likely each class is to be the right one of a row, before the model has its say. Of a forget
 * row
 *
 * <pre>c_y = trust [y = suggested] + (1 - trust) / (V - 1) [y != given]</pre>
 *
 * <p>and of any row given one of two classes that were given for each other ({@link
 * ConfusedClasses})
 *
 * <pre>c_other = p_bad,  c_given = 1 - p_bad</pre>
 *
 * <p>whatever is suggested for the row itself. Such classes may be bad by more than half, and no
 * detector tells which half: both go to the forget set as a whole, and were all rows of a class
 * ruled out, no model could ever give it. Where less is bad some of it is retained, and there, too,
 * the model may know better.
 *
 * @param confused by what is suggested for the rows of the forget set
 */
record CandidateTargets(ConfusedClasses<String> confused) {

  /** What a suspect retain row counts; not 0, of which a batch of such rows would have no mean. */
  private static final float SUSPECT = 1e-3f;

  /** Of a forget set that is not looked at as a whole. */
  static CandidateTargets ofRowsAlone() {
    return new CandidateTargets(new ConfusedClasses.Counts<String>().pairs());
  }

  /** Of a forget set, which is read once. */
  static CandidateTargets of(Examples forget, int batchSize) {
    ConfusedClasses.Counts<String> counts = new ConfusedClasses.Counts<>();
    try (Minibatches batches = Minibatches.inOrder(forget, batchSize)) {
      while (batches.hasNext()) {
        for (Example row : batches.next().examples()) {
          if (row.suggested() != null) {
            counts.add(row.target(), row.suggested());
          }
        }
      }
    }
    return new CandidateTargets(counts.pairs());
  }

  /** Whether there are such classes. */
  boolean areConfused() {
    return !confused.other().isEmpty();
  }

  /**
   * Retain rows, of which those that are likelier bad than {@code share} hardly count. Rows of
   * confused classes do: they are taught as either.
   */
  Minibatch trusted(Minibatch retain, double share) {
    List<Example> rows =
        retain.examples().stream()
            .map(
                row ->
                    row.badProbability().orElse(0) > share && !confused.contains(row.target())
                        ? row.withWeight(SUSPECT * row.weight())
                        : row)
            .toList();
    return new Minibatch(rows, retain.positions(), retain.seed());
  }

  /**
   * Retain rows and forget rows together, each bad with the probability that {@link #logs} takes. A
   * row that is of either of two classes counts as much as the likelier one is sure, {@code
   * max(c_given, c_other)}: what nobody can tell should not outweigh what is known.
   *
   * @param weight how much a forget row counts beside a retain row
   */
  Minibatch joined(Minibatch retain, Minibatch forget, double weight) {
    List<Example> rows = new ArrayList<>();
    retain.examples().forEach(row -> rows.add(joined(row, 0, 1)));
    forget.examples().forEach(row -> rows.add(joined(row, 1, weight)));
    return new Minibatch(rows, LongStream.range(0, rows.size()).toArray(), retain.seed());
  }

  /**
   * @param bad how likely a row of other classes is bad, or one that nobody has judged
   */
  private Example joined(Example row, double bad, double weight) {
    double own = confused.contains(row.target()) ? row.badProbability().orElse(bad) : bad;
    return row.withBadProbability(OptionalDouble.of(own))
        .withWeight((float) (weight * Math.max(own, 1 - own) * row.weight()));
  }

  /**
   * log c: (N, 1, V).
   *
   * @param trust in what is suggested for a row, in [0, 1]
   * @param part forget rows, or joined ones where classes were confused
   * @param batch the same, encoded
   */
  NDArray logs(double trust, Model model, Minibatch part, Batch batch) {
    NDManager manager = batch.labels().getManager();
    long[] given = batch.labels().toLongArray();
    long[] right = right(given, model, part, manager);
    int classes = model.vocabularySize();
    float[] logs = new float[given.length * classes];
    for (int i = 0; i < given.length; i++) {
      Example row = part.examples().get(i);
      boolean either = confused.contains(row.target());
      double bad = areConfused() ? row.badProbability().orElseThrow() : 1;
      double sure = either ? 1 : row.suggested() == null ? 0 : trust;
      for (int y = 0; y < classes; y++) {
        double others = bad * (1 - sure) / (classes - 1);
        double candidate = (y == given[i] ? 1 - bad : others) + (y == right[i] ? bad * sure : 0);
        logs[i * classes + y] =
            (float) Math.max(CandidateLikelihood.RULED_OUT, Math.log(candidate));
      }
    }
    return manager.create(logs, new Shape(given.length, 1, classes));
  }

  /** The classes that may be right in place of those given; the given ones where none is known. */
  private long[] right(long[] given, Model model, Minibatch part, NDManager manager) {
    long[] right = given.clone();
    List<Integer> places = new ArrayList<>();
    List<Example> corrected = new ArrayList<>();
    for (int i = 0; i < right.length; i++) {
      Example row = part.examples().get(i);
      String other = confused.other().getOrDefault(row.target(), row.suggested());
      if (other != null) {
        places.add(i);
        corrected.add(row.withSuggested(other).corrected());
      }
    }
    if (!corrected.isEmpty()) {
      long[] labels = model.encode(corrected, manager).labels().toLongArray();
      for (int j = 0; j < labels.length; j++) {
        right[places.get(j)] = labels[j];
      }
    }
    return right;
  }

  /** What is said of the classes beside other words on how a correction went. */
  String words() {
    return confused.other().keySet().stream()
        .filter(one -> one.compareTo(confused.other().get(one)) < 0)
        .sorted()
        .map(one -> ", " + one + " and " + confused.other().get(one) + " told apart")
        .collect(Collectors.joining());
  }
}
