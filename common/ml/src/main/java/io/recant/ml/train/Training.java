package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Ordinary supervised training: the weighted mean negative log-likelihood of target tokens. */
public final class Training {

  private Training() {}

  /**
   * Trains a model in place.
   *
   * @param examples read once per epoch, in a new order each time
   * @param seed decides the order and the dropout; equal seeds give equal models on equal hardware
   * @param log told every step
   * @param nanoClock a clock in nanoseconds ({@code System::nanoTime})
   * @return how many steps were taken
   */
  public static long run(
      Model model,
      Examples examples,
      OptimizationSettings settings,
      long seed,
      Consumer<LogEntry> log,
      LongSupplier nanoClock) {
    long total = settings.epochs() * Minibatches.count(examples.count(), settings.batchSize());
    SplittableRandom seeds = new SplittableRandom(seed);
    Dropout dropout = Dropout.seeded(seeds.nextLong());
    try (Optimization optimization =
        new Optimization(model.parameters(), settings, total, nanoClock)) {
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                examples, settings.batchSize(), settings.shuffleBuffer(), seeds.nextLong())) {
          while (batches.hasNext()) {
            Minibatch minibatch = batches.next();
            log.accept(
                optimization.step(
                    epoch, scope -> loss(model, minibatch.examples(), dropout, scope)));
          }
        }
      }
      return optimization.steps();
    }
  }

  private static StepLoss loss(
      Model model, List<Example> examples, Dropout dropout, NDManager scope) {
    Batch batch = model.encode(examples, scope);
    NDArray logits = model.logits(batch, dropout);
    return StepLoss.of(
        TokenLoss.mean(logits, batch.labels(), batch.mask(), batch.weights()), batch.mask());
  }
}
