package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.MinibatchCycle;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import io.recant.ml.train.TrainingRun;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.ArrayList;
import java.util.List;
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
     * @param minibatch forget examples, with their positions in the set
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
    Term.Value of(Batch batch, NDArray mask, Supplier<NDArray> logits);
  }

  private final UnlearningTask task;
  private final PassSettings settings;
  private final double ceiling;

  ForgetPasses(UnlearningTask task, PassSettings settings) {
    this.task = task;
    this.settings = settings;
    ceiling = settings.forgetCeiling().orElse(Math.log(task.model().vocabularySize()));
  }

  /**
   * Takes the steps.
   *
   * @param mean what the forget term is a mean over
   * @param retain the retain term, a mean over tokens; not asked for where alpha is 0
   */
  UnlearningResult run(ForgetTerm term, Term.Mean mean, RetainLoss retain) {
    SplittableRandom seeds = new SplittableRandom(task.seed());
    OptimizationSettings training = settings.training();
    long total = training.epochs() * Minibatches.count(task.forget().count(), training.batchSize());
    try (TrainingRun run = task.run(training, total);
        MinibatchCycle retained =
            new MinibatchCycle(
                task.retain(), training.batchSize(), training.shuffleBuffer(), seeds.nextLong())) {
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                task.forget(), training.batchSize(), training.shuffleBuffer(), seeds.nextLong())) {
          while (batches.hasNext()) {
            if (run.steps() >= task.limits().maxSteps()) {
              return new UnlearningResult(run.steps(), Stop.STEP_LIMIT);
            }
            Minibatch forget = batches.next();
            List<Term> terms = new ArrayList<>(List.of(forget(forget, term, mean)));
            if (settings.alpha() != 0) {
              terms.addAll(retain(forget, retained.next(), retain));
            }
            switch (run.step(epoch, terms, e -> e.forgetLoss().orElseThrow() < ceiling)) {
              case TAKEN -> {}
              case NOT_PERMITTED -> {
                return new UnlearningResult(run.steps(), Stop.FORGET_CEILING);
              }
              case NOT_FINITE -> {
                return UnlearningResult.notFinite(run);
              }
            }
          }
        }
      }
      return new UnlearningResult(run.steps(), Stop.COMPLETED);
    }
  }

  private Term forget(Minibatch minibatch, ForgetTerm term, Term.Mean mean) {
    return new Term(
        Term.Role.FORGET,
        settings.gamma(),
        minibatch,
        mean,
        (part, batch, dropout) -> {
          NDArray logits = task.model().logits(batch);
          NDArray loss = RetainTerm.loss(batch, batch.forgetMask(), logits);
          return new Term.Value(term.of(part, batch, logits, loss), loss);
        });
  }

  /** A mean over the retain examples' targets and those that the forget examples keep. */
  private List<Term> retain(Minibatch forget, Minibatch others, RetainLoss loss) {
    if (!forget.hasSpans()) {
      return List.of(retain(Term.Role.RETAIN, settings.alpha(), others, loss));
    }
    double kept = targets(Term.Role.KEPT, forget);
    double retained = targets(Term.Role.RETAIN, others);
    double each = settings.alpha() / Math.max(1, kept + retained);
    return List.of(
        retain(Term.Role.RETAIN, each * retained, others, loss),
        retain(Term.Role.KEPT, each * kept, forget, loss));
  }

  private Term retain(Term.Role role, double factor, Minibatch minibatch, RetainLoss loss) {
    return new Term(
        role,
        factor,
        minibatch,
        Term.Mean.TOKENS,
        (part, batch, dropout) ->
            loss.of(batch, role.positions(batch), () -> task.model().logits(batch)));
  }

  private double targets(Term.Role role, Minibatch minibatch) {
    try (NDManager scope = Devices.manager(task.model().device())) {
      return role.positions(task.model().encode(minibatch.examples(), scope)).sum().getFloat();
    }
  }
}
