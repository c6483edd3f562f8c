package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.model.SquaredGradients;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How much each weight of a model matters to a set of examples: the diagonal of the empirical
 * Fisher information, {@code F = sum_i w_i (d l_i / d w)^2 / sum_i w_i}, the mean of
 * <em>single</em> examples' squared gradients. The square of a batch's mean gradient, which much
 * published code takes, shrinks with the batch where gradients disagree.
 */
final class Importance {

  private Importance() {}

  /**
   * The importance of each trainable parameter, in order.
   *
   * @param positions which of a batch's target positions count, (N, T)
   * @param limit how many examples to read at most
   * @param seed which ones, when there are more
   * @param owner of the result
   */
  static List<NDArray> of(
      Model model,
      Examples examples,
      Function<Batch, NDArray> positions,
      long limit,
      int batchSize,
      int shuffleBuffer,
      long seed,
      NDManager owner) {
    List<NDArray> parameters = model.parameters().trainable();
    List<NDArray> sums = new ArrayList<>();
    for (NDArray parameter : parameters) {
      sums.add(owner.zeros(parameter.getShape(), parameter.getDataType()));
    }
    double weights = 0;
    long read = 0;
    try (NDManager scope = Devices.manager(model.device());
        Minibatches batches =
            Minibatches.shuffled(
                examples, batchSize, examples.count() <= limit ? 1 : shuffleBuffer, seed)) {
      while (batches.hasNext() && read < limit) {
        Minibatch minibatch = batches.next();
        read += minibatch.size();
        for (Example example : minibatch.examples()) {
          weights += example.weight();
        }
        try (NDManager batchScope = scope.newSubManager()) {
          if (model instanceof SquaredGradients closedForm) {
            Batch batch = model.encode(minibatch.examples(), batchScope);
            add(sums, closedForm.sumOfSquaredGradients(batch));
          } else {
            for (Example example : minibatch.examples()) {
              addOne(sums, model, parameters, example, positions, batchScope);
            }
          }
        }
      }
    }
    Autograd.zero(parameters);
    double total = weights;
    try (GradMode off = GradMode.inference()) {
      sums.forEach(sum -> sum.divi(Math.max(total, 1e-12)));
    }
    return sums;
  }

  private static void add(List<NDArray> sums, List<NDArray> terms) {
    try (GradMode off = GradMode.inference()) {
      for (int i = 0; i < sums.size(); i++) {
        sums.get(i).addi(terms.get(i));
      }
    }
  }

  /** One backward pass; works for every model. */
  static void addOne(
      List<NDArray> sums,
      Model model,
      List<NDArray> parameters,
      Example example,
      Function<Batch, NDArray> positions,
      NDManager manager) {
    try (NDManager scope = manager.newSubManager()) {
      Autograd.zero(parameters);
      try (GradMode on = GradMode.training()) {
        Batch batch = model.encode(List.of(example.withWeight(1)), scope);
        NDArray mask = positions.apply(batch);
        Autograd.backward(
            TokenLoss.mean(model.logits(batch), batch.labels(), mask, batch.weights()));
      }
      try (GradMode off = GradMode.inference()) {
        for (int i = 0; i < sums.size(); i++) {
          NDArray square = Autograd.gradient(parameters.get(i), scope).square();
          sums.get(i).addi(Scalars.times(square, example.weight()));
        }
      }
    }
  }
}
