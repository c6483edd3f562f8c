package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.loss.Divergence;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.train.Term;

/** What keeps a model able to do what it should stay able to do. */
public enum RetainTerm {
  /** The targets of the retain set: their mean negative log-likelihood. */
  LIKELIHOOD,
  /** The starting model's distributions on the retain set: the mean KL(p0 || p). */
  DIVERGENCE;

  /**
   * The term over some target positions of a batch.
   *
   * @param mask (N, T): which
   * @param logits the model's at the batch
   * @param method whose term it is, for messages
   */
  Term.Value of(Batch batch, NDArray mask, NDArray logits, UnlearningTask task, String method) {
    NDArray loss = loss(batch, mask, logits);
    return switch (this) {
      case LIKELIHOOD -> new Term.Value(loss, loss);
      case DIVERGENCE ->
          new Term.Value(divergence(task.requireReference(method), batch, mask, logits, 1), loss);
    };
  }

  /** A batch that is taught its targets, all of them. */
  static Term.Value learned(Batch batch, NDArray logits) {
    NDArray loss = loss(batch, batch.mask(), logits);
    return new Term.Value(loss, loss);
  }

  /** The mean token loss of some of a batch's positions. */
  static NDArray loss(Batch batch, NDArray mask, NDArray logits) {
    return TokenLoss.mean(logits, batch.labels(), mask, batch.weights());
  }

  /** The mean divergence of some of a batch's positions from a reference. */
  static NDArray divergence(
      Model reference, Batch batch, NDArray mask, NDArray logits, double temperature) {
    NDArray frozen;
    try (GradMode off = GradMode.inference()) {
      frozen = reference.logits(batch);
    }
    return TokenLoss.mean(
        Divergence.perPosition(frozen, logits, temperature), mask, batch.weights());
  }
}
