package io.recant.ml.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How likely a model finds the targets of examples, given their inputs and the target's own earlier
 * tokens (teacher forcing).
 */
public final class Likelihood {

  /**
   * One example's answer.
   *
   * @param id the example
   * @param logProbability sum over target tokens of log p, in nats, at most 0
   * @param tokens how many target tokens there are; 1 for a classifier
   * @param matches at how many of them the model's most likely answer is the target's
   */
  public record Row(String id, double logProbability, int tokens, int matches) {

    /** Mean negative log-likelihood of a token, in nats; 0 for an empty target. */
    public double meanLoss() {
      return tokens == 0 ? 0 : -logProbability / tokens;
    }
  }

  private Likelihood() {}

  /** Scores examples that fit in memory, in their order. */
  public static List<Row> of(Model model, List<Example> examples, int batchSize) {
    List<Row> rows = new ArrayList<>(examples.size());
    stream(model, Examples.of(examples), batchSize, rows::add);
    return rows;
  }

  /**
   * Scores examples in their order, holding one batch at a time.
   *
   * @param batchSize examples that go through the model together
   */
  public static void stream(Model model, Examples examples, int batchSize, Consumer<Row> sink) {
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device());
        Minibatches batches = Minibatches.inOrder(examples, batchSize)) {
      while (batches.hasNext()) {
        Minibatch minibatch = batches.next();
        try (NDManager manager = scope.newSubManager()) {
          score(model, minibatch, manager, sink);
        }
      }
    }
  }

  private static void score(
      Model model, Minibatch minibatch, NDManager manager, Consumer<Row> sink) {
    Batch batch = model.encode(minibatch.examples(), manager);
    NDArray logits = model.logits(batch);
    // Thousands of tokens add up here, so the sum is taken in double precision.
    NDArray mask = batch.mask().toType(DataType.FLOAT64, false);
    NDArray tokenLogs =
        TokenLoss.logProbabilities(logits, batch.labels()).toType(DataType.FLOAT64, false);
    NDArray hits = logits.argMax(-1).eq(batch.labels()).toType(DataType.FLOAT64, false);
    double[] logs = TokenLoss.sum(tokenLogs, mask).toDoubleArray();
    double[] matches = TokenLoss.sum(hits, mask).toDoubleArray();
    double[] tokens = mask.sum(new int[] {1}).toDoubleArray();
    for (int i = 0; i < logs.length; i++) {
      sink.accept(
          new Row(minibatch.examples().get(i).id(), logs[i], (int) tokens[i], (int) matches[i]));
    }
  }
}
