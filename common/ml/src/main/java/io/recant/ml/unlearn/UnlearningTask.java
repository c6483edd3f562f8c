package io.recant.ml.unlearn;

import io.recant.core.error.ConfigException;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.train.Execution;
import io.recant.ml.train.LogEntry;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.TrainingRun;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One model to unlearn with.
 *
 * @param model the starting model, changed in place
 * @param reference the same model frozen as it started, on the same device; present when {@link
 *     UnlearningMethod#needsReference} says so
 * @param forget what the model should behave as if never trained on
 * @param retain what it should stay able to do; never empty where a method learns from it
 * @param seed decides every order drawn
 * @param limits what the task may take at most
 * @param execution what it finds around it
 */
public record UnlearningTask(
    Model model,
    Optional<Model> reference,
    Examples forget,
    Examples retain,
    long seed,
    Limits limits,
    Execution execution) {

  /**
   * Bounds beyond the method's own settings.
   *
   * @param maxSteps updates of the model
   * @param evaluationBatch examples that go through the model together when only read
   */
  public record Limits(long maxSteps, int evaluationBatch) {

    /** No bound on steps, 64 examples at once. */
    public static Limits none() {
      return new Limits(Long.MAX_VALUE, 64);
    }
  }

  /** A task with nothing around it but a log and a clock. */
  public UnlearningTask(
      Model model,
      Optional<Model> reference,
      Examples forget,
      Examples retain,
      long seed,
      Consumer<LogEntry> log,
      Limits limits,
      LongSupplier nanoClock) {
    this(model, reference, forget, retain, seed, limits, Execution.of(log, nanoClock));
  }

  /** The same with another forget set. */
  UnlearningTask withForget(Examples other) {
    return new UnlearningTask(model, reference, other, retain, seed, limits, execution);
  }

  /** The same with another model to change. */
  UnlearningTask withModel(Model other) {
    return new UnlearningTask(other, reference, forget, retain, seed, limits, execution);
  }

  /**
   * Begins to change the model.
   *
   * @param totalSteps how many steps there would be without the limit
   */
  TrainingRun run(OptimizationSettings training, long totalSteps) {
    return run(training, totalSteps, Dropout.off());
  }

  /** The same where passes may be those of a training. */
  TrainingRun run(OptimizationSettings training, long totalSteps, Dropout dropout) {
    return new TrainingRun(
        model, training, Math.min(totalSteps, limits.maxSteps()), dropout, execution);
  }

  /** The frozen start, for methods that declared their need of it. */
  Model requireReference(String method) {
    return reference.orElseThrow(
        () -> new ConfigException(method + " needs the frozen starting model as its reference"));
  }
}
