package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.train.TrainingRun.Outcome;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Ordinary supervised training: the weighted mean negative log-likelihood of target tokens. */
public final class Training {

  /**
   * How a training ended.
   *
   * @param steps updates made to the model
   * @param stopped why it ended, in words
   */
  public record Result(long steps, String stopped) {}

  private Training() {}

  /**
   * Trains a model in place.
   *
   * @param examples read once per epoch, in a new order each time
   * @param seed decides the order and the dropout; equal seeds give equal models on equal hardware
   * @throws io.recant.core.error.StepException when the first step is not finite; a later one ends
   *     the training with the last good model
   */
  public static Result run(
      Model model,
      Examples examples,
      OptimizationSettings settings,
      long seed,
      Execution execution) {
    long total = settings.epochs() * Minibatches.count(examples.count(), settings.batchSize());
    SplittableRandom seeds = new SplittableRandom(seed);
    Dropout dropout = Dropout.seeded(seeds.nextLong());
    try (TrainingRun run = new TrainingRun(model, settings, total, dropout, execution)) {
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                examples, settings.batchSize(), settings.shuffleBuffer(), seeds.nextLong())) {
          while (batches.hasNext()) {
            if (run.step(epoch, List.of(term(model, batches.next()))) == Outcome.NOT_FINITE) {
              return new Result(run.steps(), run.failure().orElseThrow());
            }
          }
        }
      }
      return new Result(run.steps(), "all epochs");
    }
  }

  /**
   * The same with nothing around it but a log and a clock.
   *
   * @return how many steps were taken
   */
  public static long run(
      Model model,
      Examples examples,
      OptimizationSettings settings,
      long seed,
      Consumer<LogEntry> log,
      LongSupplier nanoClock) {
    return run(model, examples, settings, seed, Execution.of(log, nanoClock)).steps();
  }

  private static Term term(Model model, Minibatch minibatch) {
    return new Term(
        Term.Role.TRAIN,
        1,
        minibatch,
        Term.Mean.TOKENS,
        (part, batch, dropout) -> loss(model, batch, dropout));
  }

  private static Term.Value loss(Model model, Batch batch, Dropout dropout) {
    NDArray logits = model.logits(batch, dropout);
    NDArray loss = TokenLoss.mean(logits, batch.labels(), batch.mask(), batch.weights());
    return new Term.Value(loss, loss);
  }
}
