package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.core.error.StepException;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Parameters;
import io.recant.ml.optim.AdamW;
import io.recant.ml.optim.LearningRateSchedule;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * A model under gradient descent: per step it clears the gradients, differentiates a loss, clips
 * the gradients by their global norm and takes a step of {@link AdamW} at the schedule's rate. It
 * owns the optimiser's state and each step's arrays; the model stays the caller's.
 */
public final class Optimization implements AutoCloseable {

  private final List<NDArray> parameters;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final double maxGradientNorm;
  private final LongSupplier nanoClock;
  private final NDManager manager;
  private long steps;

  /**
   * @param model what to train, at least one array
   * @param totalSteps how many steps the schedule is stretched over
   * @param nanoClock a clock in nanoseconds, for the rates in the log
   */
  public Optimization(
      Parameters model, OptimizationSettings settings, long totalSteps, LongSupplier nanoClock) {
    parameters = model.trainable();
    optimizer = new AdamW(parameters, AdamW.Constants.withDecay(settings.weightDecay()));
    long warmup = Math.round(settings.warmup() * totalSteps);
    schedule =
        new LearningRateSchedule(settings.decay(), settings.learningRate(), warmup, totalSteps);
    maxGradientNorm = settings.maxGradientNorm();
    this.nanoClock = nanoClock;
    manager = Devices.manager(parameters.get(0).getDevice());
  }

  /** How many steps were taken. */
  public long steps() {
    return steps;
  }

  /**
   * Takes one step.
   *
   * @param loss computes it with arrays of the given manager, which is closed after the step
   * @throws StepException when the loss or the gradient is not finite; the model is as before
   */
  public LogEntry step(int epoch, Function<NDManager, StepLoss> loss) {
    return step(epoch, loss, entry -> true).orElseThrow();
  }

  /**
   * Takes one step unless what it would log says otherwise.
   *
   * @param permitted told the losses and the gradient norm before the update; false leaves the
   *     model as it is
   * @return what the step logged, or nothing when it was not permitted
   */
  public Optional<LogEntry> step(
      int epoch, Function<NDManager, StepLoss> loss, Predicate<LogEntry> permitted) {
    long start = nanoClock.getAsLong();
    Autograd.zero(parameters);
    try (NDManager batch = manager.newSubManager()) {
      StepLoss computed;
      try (GradMode on = GradMode.training()) {
        computed = loss.apply(batch);
        Autograd.backward(computed.total());
      }
      double norm = Autograd.clip(parameters, maxGradientNorm);
      double total = number(computed.total());
      if (!Double.isFinite(total) || !Double.isFinite(norm)) {
        throw new StepException(
            "step "
                + steps
                + ": the loss is "
                + total
                + " and its gradient norm "
                + norm
                + "; lower the learning rate");
      }
      double rate = schedule.at(steps);
      double tokens = number(computed.mask().sum());
      LogEntry entry =
          new LogEntry(
              steps,
              epoch,
              total,
              value(computed.forget()),
              value(computed.retain()),
              rate,
              norm,
              tokens * 1e9 / Math.max(1, nanoClock.getAsLong() - start));
      if (!permitted.test(entry)) {
        return Optional.empty();
      }
      optimizer.step(rate);
      steps++;
      return Optional.of(entry);
    }
  }

  private static OptionalDouble value(Optional<NDArray> scalar) {
    return scalar.isPresent() ? OptionalDouble.of(number(scalar.get())) : OptionalDouble.empty();
  }

  private static double number(NDArray scalar) {
    return scalar.toType(DataType.FLOAT64, false).getDouble();
  }

  @Override
  public void close() {
    optimizer.close();
    manager.close();
  }
}
