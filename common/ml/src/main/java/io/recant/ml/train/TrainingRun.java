package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;

/**
 * A training or an unlearning under way: steps of {@link Optimization} whose gradients are added up
 * in parts where memory asks for it. It logs its steps. The model stays the caller's.
 *
 * <p>It saves its state now and then, where there is a place for that. A later life of the run is
 * the same program from the start: whoever drives it draws the same minibatches from the same seeds
 * and takes the same steps, which cost nothing until it has caught up with the state. For that,
 * what drives it may depend on the model only through what {@link #step} returns and {@link
 * #measured}; what is drawn in a step may depend on its minibatch and its seed only.
 *
 * <p>A step whose loss or gradient is not finite ends the run. What spoilt the model is most often
 * the update before it, so that is taken back too: the weights are the last whose loss was seen to
 * be a number, and the running statistics those they had then. They are kept aside for that, once
 * the size of the model.
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

  /** How many times as long as a state took to save nothing is saved: a twentieth of the time. */
  private static final int SAVING_PAUSE = 19;

  private final Model model;
  private final Optimization optimization;
  private final GradientAccumulation gradients;
  private final Execution execution;
  private final NDManager manager;

  /** The running statistics: a step's passes change them before it is known to be taken. */
  private final KeptValues beforePasses;

  /** The weights, and with them the running statistics before the passes of the same step. */
  private final KeptValues beforeUpdate;

  private final List<LogEntry> log = new ArrayList<>();
  private RunHistory history = RunHistory.none();
  private long steps;
  private long nextSave;
  private long savedSteps;
  private Optional<String> failure = Optional.empty();

  /**
   * Begins a run, or goes on with it where an earlier life has left a state.
   *
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
    this.model = model;
    optimization =
        new Optimization(model.parameters(), settings, totalSteps, execution.nanoClock());
    this.execution = execution;
    manager = Devices.manager(model.device());
    beforePasses = new KeptValues(model.parameters().runningStatistics(), manager);
    beforePasses.keep();
    List<NDArray> good = new ArrayList<>(model.parameters().trainable());
    good.addAll(beforePasses.values());
    beforeUpdate = new KeptValues(good, manager);
    gradients = new GradientAccumulation(model, dropout, beforePasses, execution);
    execution.states().ifPresent(this::goOn);
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
    if (history.knowsNext()) {
      boolean taken = history.next();
      steps += taken ? 1 : 0;
      return taken ? Outcome.TAKEN : Outcome.NOT_PERMITTED;
    }
    GradientAccumulation.State before = gradients.state();
    beforePasses.keep();
    LogEntry entry = optimization.differentiate(epoch, scope -> gradients.add(terms, steps, scope));
    if (!Optimization.isFinite(entry)) {
      takeBack(entry);
      return Outcome.NOT_FINITE;
    }
    // Not after the update: only now is the model known to be good.
    execution.states().filter(this::isDue).ifPresent(states -> save(states, before));
    boolean taken = permitted.test(entry);
    history.add(taken);
    if (!taken) {
      beforePasses.giveBack();
      return Outcome.NOT_PERMITTED;
    }
    beforeUpdate.keep();
    optimization.update();
    steps++;
    if (execution.states().isPresent()) {
      log.add(entry);
    }
    execution.log().accept(entry);
    return Outcome.TAKEN;
  }

  /**
   * Measures something of the model as it is now, or remembers what an earlier life of this run
   * measured here.
   */
  public double measured(DoubleSupplier measure) {
    return history.measure(measure);
  }

  private void goOn(SavedStates states) {
    nextSave = execution.nanoClock().getAsLong() + states.everyNanos();
    try {
      states.newest().ifPresent(file -> goOn(file, states.key()));
    } catch (InputException e) {
      execution.notes().accept("a saved state was not used, the run began anew: " + e.getMessage());
    }
  }

  private void goOn(Path file, String key) {
    RunState state = RunState.read(file, key, model.parameters(), optimization.moments());
    optimization.goOnFrom(state.steps());
    gradients.goOnFrom(state.gradients());
    history = new RunHistory(state.history());
    savedSteps = state.steps();
    log.addAll(state.log());
    state.log().forEach(execution.log());
    execution.notes().accept("went on after step " + state.steps() + ", which was saved");
  }

  private boolean isDue(SavedStates states) {
    return steps > savedSteps && execution.nanoClock().getAsLong() >= nextSave;
  }

  private void save(SavedStates states, GradientAccumulation.State before) {
    long begin = execution.nanoClock().getAsLong();
    RunState state = new RunState(states.key(), steps, history.events(), before, log);
    states.keep(
        state.write(
            states.directory(), model.parameters(), beforePasses.values(), optimization.moments()));
    savedSteps = steps;
    long end = execution.nanoClock().getAsLong();
    long pause = states.everyNanos() == 0 ? 0 : SAVING_PAUSE * (end - begin);
    nextSave = end + Math.max(states.everyNanos(), pause);
  }

  private void takeBack(LogEntry entry) {
    boolean updated = !beforeUpdate.values().isEmpty();
    beforeUpdate.giveBack();
    beforePasses.giveBack();
    if (steps == 0) {
      throw Optimization.notFinite(entry);
    }
    failure = Optional.of("loss was not finite at step " + (steps + 1));
    // A model that was just read back is itself the last good one.
    steps -= updated ? 1 : 0;
  }

  @Override
  public void close() {
    optimization.close();
    manager.close();
  }
}
