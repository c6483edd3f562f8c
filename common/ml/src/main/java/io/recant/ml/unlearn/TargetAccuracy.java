package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import java.util.function.Function;

/**
 * At what share of the targets a model's most likely answer is the target; of a text, each token
 * counts.
 */
final class TargetAccuracy {

  private TargetAccuracy() {}

  /**
   * The share, from 0 to 1; 0 where there are no targets.
   *
   * @param examples read from where they stand, and not closed
   * @param positions which of a batch's target positions count, (N, T)
   * @param most examples are read, but for those of the last batch
   */
  static double of(
      Model model, Minibatches examples, Function<Batch, NDArray> positions, long most) {
    double given = 0;
    double all = 0;
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device())) {
      for (long read = 0; read < most && examples.hasNext(); ) {
        try (NDManager manager = scope.newSubManager()) {
          Batch batch = model.encode(examples.next().examples(), manager);
          NDArray hits = model.logits(batch).argMax(-1).eq(batch.labels());
          NDArray mask = positions.apply(batch);
          given += hits.toType(DataType.FLOAT32, false).mul(mask).sum().getFloat();
          all += mask.sum().getFloat();
          read += batch.labels().getShape().get(0);
        }
      }
    }
    return given / Math.max(1, all);
  }
}
