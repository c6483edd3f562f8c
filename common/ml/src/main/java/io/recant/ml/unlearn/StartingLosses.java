package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;

/**
 * The starting model's negative log-likelihoods of what is to be forgotten of each target, taken
 * once, before the first step: four bytes an example, and no second model has to be held for them.
 *
 * @param losses by the example's place in its set
 */
record StartingLosses(float[] losses) {

  static StartingLosses of(UnlearningTask task, Examples examples) {
    float[] losses = new float[Math.toIntExact(examples.count())];
    int next = 0;
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(task.model().device());
        Minibatches batches = Minibatches.inOrder(examples, task.limits().evaluationBatch())) {
      while (batches.hasNext()) {
        try (NDManager manager = scope.newSubManager()) {
          Batch batch = task.model().encode(batches.next().examples(), manager);
          float[] some =
              TokenLoss.sequence(task.model().logits(batch), batch.labels(), batch.forgetMask())
                  .toFloatArray();
          System.arraycopy(some, 0, losses, next, some.length);
          next += some.length;
        }
      }
    }
    return new StartingLosses(losses);
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
