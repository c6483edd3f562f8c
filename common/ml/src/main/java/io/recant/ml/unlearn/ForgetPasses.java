package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.MinibatchCycle;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.train.LogEntry;
import io.recant.ml.train.Optimization;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.StepLoss;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * The loop most methods share: an epoch is one pass over the forget set; each step takes one of its
 * minibatches and, where the retain term counts, one of the retain set; the loss is {@code gamma *
 * forget + alpha * retain}. Where only spans of a target are to be forgotten, the forget term is
 * over their tokens, and the other tokens of the target are retain positions like those of the
 * retain set.
 *
 * <p>The ceiling is a mean forget loss in nats a token; empty settings mean log V, the loss of
 * knowing nothing. It stops before the update of the first step whose mean forget loss has reached
 * the ceiling, so a batch the model does not know is never pushed further.
 */
final class ForgetPasses {

  /** A method's forget term. */
  @FunctionalInterface
  interface ForgetTerm {

    /**
     * @param minibatch the forget examples, with their positions in the set
     * @param batch the same, encoded
     * @param logits the model's, differentiated
     * @param meanLoss the mean token loss of what is to be forgotten of them, a scalar
     * @return the scalar to minimise
     */
    NDArray of(Minibatch minibatch, Batch batch, NDArray logits, NDArray meanLoss);
  }

  /** A method's retain term. */
  @FunctionalInterface
  interface RetainLoss {

    /**
     * @param batch retain examples, or forget examples parts of which are kept
     * @param mask (N, T): the target positions that are retained
     * @param logits gives the model's at the batch, differentiated where gradients are recorded
     */
    RetainTerm.Value of(Batch batch, NDArray mask, Supplier<NDArray> logits);
  }

  private final UnlearningTask task;
  private final PassSettings settings;
  private final double ceiling;

  ForgetPasses(UnlearningTask task, PassSettings settings) {
    this.task = task;
    this.settings = settings;
    ceiling = settings.forgetCeiling().orElse(Math.log(task.model().vocabularySize()));
  }

  UnlearningResult run(ForgetTerm term, RetainLoss retain) {
    SplittableRandom seeds = new SplittableRandom(task.seed());
    OptimizationSettings training = settings.training();
    long total = training.epochs() * Minibatches.count(task.forget().count(), training.batchSize());
    try (Optimization optimization =
            new Optimization(
                task.model().parameters(),
                training,
                Math.min(total, task.limits().maxSteps()),
                task.nanoClock());
        MinibatchCycle retained =
            new MinibatchCycle(
                task.retain(), training.batchSize(), training.shuffleBuffer(), seeds.nextLong())) {
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                task.forget(), training.batchSize(), training.shuffleBuffer(), seeds.nextLong())) {
          while (batches.hasNext()) {
            if (optimization.steps() >= task.limits().maxSteps()) {
              return new UnlearningResult(optimization.steps(), Stop.STEP_LIMIT);
            }
            Minibatch forget = batches.next();
            Optional<LogEntry> entry =
                optimization.step(
                    epoch,
                    scope -> loss(term, forget, retain, retained, scope),
                    e -> e.forgetLoss().orElseThrow() < ceiling);
            if (entry.isEmpty()) {
              return new UnlearningResult(optimization.steps(), Stop.FORGET_CEILING);
            }
            task.log().accept(entry.get());
          }
        }
      }
      return new UnlearningResult(optimization.steps(), Stop.COMPLETED);
    }
  }

  private StepLoss loss(
      ForgetTerm term,
      Minibatch forget,
      RetainLoss retain,
      MinibatchCycle retained,
      NDManager scope) {
    Batch batch = task.model().encode(forget.examples(), scope);
    NDArray logits = task.model().logits(batch);
    NDArray forgetLoss =
        TokenLoss.mean(logits, batch.labels(), batch.forgetMask(), batch.weights());
    NDArray total = Scalars.times(term.of(forget, batch, logits, forgetLoss), settings.gamma());
    if (settings.alpha() == 0) {
      return new StepLoss(total, Optional.of(forgetLoss), Optional.empty(), batch.mask());
    }
    Batch other = task.model().encode(retained.next().examples(), scope);
    RetainTerm.Value value = retain.of(other, other.mask(), () -> task.model().logits(other));
    NDArray held =
        batch.hasSpans()
            ? value.valueWith(retain.of(batch, batch.keptMask(), () -> logits))
            : value.value();
    return new StepLoss(
        total.add(Scalars.times(held, settings.alpha())),
        Optional.of(forgetLoss),
        Optional.of(value.loss()),
        batch.mask());
  }
}
