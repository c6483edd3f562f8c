package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.model.Batch;
import java.util.List;
import java.util.function.Consumer;

/**
 * How much each trainable weight of a model matters to the forget set and to the retain set ({@link
 * Importance}), as arrays in the order of the model's trainable parameters.
 */
record Importances(List<NDArray> forget, List<NDArray> retain) {

  /**
   * Reads both sets through the task's model.
   *
   * @param owner of the arrays, on the model's device
   */
  static Importances of(UnlearningTask task, DampeningSettings settings, NDManager owner) {
    int batch = task.limits().evaluationBatch();
    int buffer = settings.shuffleBuffer();
    List<NDArray> forget =
        Importance.of(
            task.model(),
            task.forget(),
            Batch::forgetMask,
            task.forget().count(),
            batch,
            buffer,
            task.seed(),
            owner);
    List<NDArray> retain =
        Importance.of(
            task.model(),
            task.retain(),
            Batch::mask,
            settings.retainSamples(),
            batch,
            buffer,
            task.seed(),
            owner);
    return new Importances(forget, retain);
  }

  /** The distribution of F_f / F_r over all weights. */
  ImportanceRatios ratios() {
    ImportanceRatios ratios = new ImportanceRatios();
    for (int i = 0; i < forget.size(); i++) {
      ratios.add(forget.get(i), retain.get(i));
    }
    return ratios;
  }

  /**
   * Hands over what the weights of one parameter are multiplied with ({@link
   * SelectiveSynapticDampening#factors}). The factors, and what is computed from them, are freed
   * when the receiver returns.
   */
  void factors(int parameter, double alpha, double lambda, Consumer<NDArray> to) {
    NDArray own = forget.get(parameter);
    NDArray other = retain.get(parameter);
    try (NDManager scope = own.getManager().newSubManager()) {
      scope.tempAttachAll(own, other);
      to.accept(SelectiveSynapticDampening.factors(own, other, alpha, lambda));
    }
  }
}
