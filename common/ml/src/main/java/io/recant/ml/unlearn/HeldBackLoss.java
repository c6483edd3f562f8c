package io.recant.ml.unlearn;

import io.recant.ml.data.Example;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.train.TrainingRun;
import java.util.List;

/**
 * Watches the mean token loss of retain examples no step has seen, and says when it has settled:
 * when one more epoch lowered it by less than {@code tolerance} of its best value.
 */
final class HeldBackLoss {

  private final TrainingRun run;
  private final Model model;
  private final List<Example> examples;
  private final double tolerance;
  private final int batchSize;
  private double best = Double.POSITIVE_INFINITY;

  /**
   * @param run the run that changes the task's model
   * @param examples what was held back
   */
  HeldBackLoss(TrainingRun run, UnlearningTask task, List<Example> examples, double tolerance) {
    this.run = run;
    model = task.model();
    this.examples = examples;
    this.tolerance = tolerance;
    batchSize = task.limits().evaluationBatch();
  }

  /** Measures again; never settled without examples. */
  boolean settled() {
    if (examples.isEmpty()) {
      return false;
    }
    double loss = run.measured(this::meanLoss);
    boolean settled = loss > best * (1 - tolerance);
    best = Math.min(best, loss);
    return settled;
  }

  private double meanLoss() {
    double loss = 0;
    long tokens = 0;
    for (Likelihood.Row row : Likelihood.of(model, examples, batchSize)) {
      loss -= row.logProbability();
      tokens += row.tokens();
    }
    return loss / Math.max(1, tokens);
  }
}
