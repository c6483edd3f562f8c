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
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.LongSupplier;

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
    LogEntry entry =
        differentiate(
            epoch,
            scope -> {
              StepLoss computed;
              try (GradMode on = GradMode.training()) {
                computed = loss.apply(scope);
                Autograd.backward(computed.total());
              }
              return new StepValues(
                  number(computed.total()),
                  OptionalDouble.empty(),
                  OptionalDouble.empty(),
                  number(computed.mask().sum()));
            });
    if (!isFinite(entry)) {
      throw notFinite(entry);
    }
    update();
    return entry;
  }

  /**
   * Computes the gradients of the next step, and clips them.
   *
   * @param gradients leaves them with the parameters, whose gradients are zero before
   * @return what the step logs
   */
  LogEntry differentiate(int epoch, Function<NDManager, StepValues> gradients) {
    long start = nanoClock.getAsLong();
    Autograd.zero(parameters);
    StepValues values;
    try (NDManager scope = manager.newSubManager()) {
      values = gradients.apply(scope);
    }
    double norm = Autograd.clip(parameters, maxGradientNorm);
    return new LogEntry(
        steps,
        epoch,
        values.loss(),
        values.forgetLoss(),
        values.retainLoss(),
        schedule.at(steps),
        norm,
        values.tokens() * 1e9 / Math.max(1, nanoClock.getAsLong() - start));
  }

  /** Moves the parameters along the gradients that are there. */
  void update() {
    optimizer.step(schedule.at(steps));
    steps++;
  }

  /** The optimiser's arrays, as {@link AdamW#moments} has them. */
  List<NDArray> moments() {
    return optimizer.moments();
  }

  /** Goes on as after so many steps. */
  void goOnFrom(long taken) {
    steps = taken;
    optimizer.goOnFrom(taken);
  }

  static boolean isFinite(LogEntry entry) {
    return Double.isFinite(entry.loss()) && Double.isFinite(entry.gradientNorm());
  }

  static StepException notFinite(LogEntry entry) {
    return new StepException(
        "step "
            + entry.step()
            + ": the loss is "
            + entry.loss()
            + " and its gradient norm "
            + entry.gradientNorm()
            + "; lower the learning rate");
  }

  /** A scalar's value. */
  static double number(NDArray scalar) {
    return scalar.toType(DataType.FLOAT64, false).getDouble();
  }

  @Override
  public void close() {
    optimizer.close();
    manager.close();
  }
}
