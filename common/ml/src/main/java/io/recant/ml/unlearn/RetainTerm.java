package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Minibatch;
import io.recant.ml.loss.Divergence;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;

/** What keeps a model able to do what it should stay able to do. */
public enum RetainTerm {
  /** The targets of the retain set: their mean negative log-likelihood. */
  LIKELIHOOD,
  /** The starting model's distributions on the retain set: the mean KL(p0 || p). */
  DIVERGENCE;

  /**
   * The term of one batch and, for the log, its mean token loss.
   *
   * @param value the scalar to minimise
   * @param loss the mean token loss, a scalar
   * @param mask the batch's target positions
   */
  record Value(NDArray value, NDArray loss, NDArray mask) {}

  Value of(Minibatch minibatch, UnlearningTask task, NDManager scope, String method) {
    Model model = task.model();
    Batch batch = model.encode(minibatch.examples(), scope);
    NDArray logits = model.logits(batch);
    NDArray loss = TokenLoss.mean(logits, batch.labels(), batch.mask(), batch.weights());
    return switch (this) {
      case LIKELIHOOD -> new Value(loss, loss, batch.mask());
      case DIVERGENCE ->
          new Value(
              divergence(task.requireReference(method), batch, logits, 1), loss, batch.mask());
    };
  }

  /** The mean divergence of a batch's target positions from the reference. */
  static NDArray divergence(Model reference, Batch batch, NDArray logits, double temperature) {
    NDArray frozen;
    try (GradMode off = GradMode.inference()) {
      frozen = reference.logits(batch);
    }
    return TokenLoss.mean(
        Divergence.perPosition(frozen, logits, temperature), batch.mask(), batch.weights());
  }
}
