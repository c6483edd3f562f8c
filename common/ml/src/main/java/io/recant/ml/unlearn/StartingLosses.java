package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.model.Likelihood;
import java.util.Arrays;

/**
 * The starting model's negative log-likelihoods of whole targets, taken once, before the first
 * step: four bytes an example, and no second model has to be held for them.
 *
 * @param losses by the example's place in its set
 */
record StartingLosses(float[] losses) {

  static StartingLosses of(UnlearningTask task, Examples examples) {
    float[] losses = new float[Math.toIntExact(examples.count())];
    int[] next = {0};
    Likelihood.stream(
        task.model(),
        examples,
        task.limits().evaluationBatch(),
        row -> losses[next[0]++] = (float) -row.logProbability());
    return new StartingLosses(Arrays.copyOf(losses, next[0]));
  }

  /** Those of a minibatch, (N). */
  NDArray of(Minibatch minibatch, NDManager manager) {
    float[] some = new float[minibatch.size()];
    for (int i = 0; i < some.length; i++) {
      some[i] = losses[Math.toIntExact(minibatch.positions()[i])];
    }
    return manager.create(some);
  }
}
