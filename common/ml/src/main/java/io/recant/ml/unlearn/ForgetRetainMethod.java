package io.recant.ml.unlearn;

import io.recant.ml.data.Examples;
import io.recant.ml.train.Term;

/**
 * A method that minimises {@code gamma * forget + alpha * retain} in passes over the forget set,
 * and differs from others by its forget term.
 */
abstract class ForgetRetainMethod<S extends Record & ForgetRetainSettings>
    implements UnlearningMethod<S> {

  /** The forget term, with whatever it needs of the starting model. */
  abstract ForgetPasses.ForgetTerm term(S settings, UnlearningTask task);

  @Override
  public boolean needsReference(S settings) {
    return settings.alpha() > 0 && settings.retainTerm() == RetainTerm.DIVERGENCE;
  }

  /** What the forget term is a mean over. */
  Term.Mean mean() {
    return Term.Mean.TOKENS;
  }

  /** The forget set as the method reads it. */
  Examples forget(UnlearningTask task) {
    return task.forget();
  }

  @Override
  public final UnlearningResult unlearn(S settings, UnlearningTask task) {
    UnlearningTask read = task.withForget(forget(task));
    return new ForgetPasses(read, settings)
        .run(term(settings, read), mean(), retain(settings, read));
  }

  private ForgetPasses.RetainLoss retain(S settings, UnlearningTask task) {
    return (batch, mask, logits) ->
        settings.retainTerm().of(batch, mask, logits.get(), task, name());
  }
}
