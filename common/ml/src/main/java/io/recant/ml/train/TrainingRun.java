package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.error.StepException;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A training or an unlearning under way: steps of {@link Optimization} whose gradients are added up
 * in parts where memory asks for it. It logs its steps. The model stays the caller's.
 *
 * <p>A step whose loss or gradient is not finite ends the run. What spoilt the model is most often
 * the update before it, so that is taken back too: the weights are the last whose loss was seen to
 * be a number. They are kept aside for that, once the size of the model.
 */
public final class TrainingRun implements AutoCloseable {

  /** What became of a step. */
  public enum Outcome {
    /** The model was updated. */
    TAKEN,
    /** It was not to be taken; the model is as before it. */
    NOT_PERMITTED,
    /** Its loss or gradient was not finite; the model is the last good one, and no step follows. */
    NOT_FINITE
  }

  private final List<NDArray> parameters;
  private final List<NDArray> beforeUpdate = new ArrayList<>();
  private final Optimization optimization;
  private final GradientAccumulation gradients;
  private final Execution execution;
  private final NDManager manager;
  private long steps;
  private Optional<String> failure = Optional.empty();

  /**
   * @param model what to train, in place
   * @param totalSteps how many steps the schedule is stretched over
   * @param dropout for the passes of a training
   */
  public TrainingRun(
      Model model,
      OptimizationSettings settings,
      long totalSteps,
      Dropout dropout,
      Execution execution) {
    parameters = model.parameters().trainable();
    optimization =
        new Optimization(model.parameters(), settings, totalSteps, execution.nanoClock());
    gradients = new GradientAccumulation(model, dropout, execution);
    this.execution = execution;
    manager = Devices.manager(model.device());
  }

  /** How many updates the model has. */
  public long steps() {
    return steps;
  }

  /** Why a step was {@link Outcome#NOT_FINITE}, in words; empty when none was. */
  public Optional<String> failure() {
    return failure;
  }

  /**
   * Takes one step.
   *
   * @throws StepException when the first step is not finite; the model is as before it
   */
  public Outcome step(int epoch, List<Term> terms) {
    return step(epoch, terms, entry -> true);
  }

  /**
   * Takes one step unless what it would log says otherwise.
   *
   * @param permitted told the losses and the gradient norm before the update
   * @throws StepException when the first step is not finite; the model is as before it
   */
  public Outcome step(int epoch, List<Term> terms, Predicate<LogEntry> permitted) {
    LogEntry entry = optimization.differentiate(epoch, scope -> gradients.add(terms, steps, scope));
    if (!Optimization.isFinite(entry)) {
      takeBack(entry);
      return Outcome.NOT_FINITE;
    }
    if (!permitted.test(entry)) {
      return Outcome.NOT_PERMITTED;
    }
    putAside();
    optimization.update();
    steps++;
    execution.log().accept(entry);
    return Outcome.TAKEN;
  }

  private void putAside() {
    try (GradMode off = GradMode.inference()) {
      for (int i = 0; i < parameters.size(); i++) {
        if (beforeUpdate.size() == i) {
          NDArray copy = parameters.get(i).duplicate();
          copy.attach(manager);
          beforeUpdate.add(copy);
        } else {
          parameters.get(i).copyTo(beforeUpdate.get(i));
        }
      }
    }
  }

  private void takeBack(LogEntry entry) {
    if (steps == 0) {
      throw Optimization.notFinite(entry);
    }
    try (GradMode off = GradMode.inference()) {
      for (int i = 0; i < beforeUpdate.size(); i++) {
        beforeUpdate.get(i).copyTo(parameters.get(i));
      }
    }
    failure = Optional.of("loss was not finite at step " + (steps + 1));
    steps--;
  }

  @Override
  public void close() {
    optimization.close();
    manager.close();
  }
}
