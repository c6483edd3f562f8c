package io.recant.ml.unlearn;

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

  @Override
  public final UnlearningResult unlearn(S settings, UnlearningTask task) {
    return new ForgetPasses(task, settings)
        .run(
            term(settings, task),
            (minibatch, scope) -> settings.retainTerm().of(minibatch, task, scope, name()));
  }
}
