package io.recant.ml.train;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a training or an unlearning finds around it; nothing of it changes what comes out, but for
 * the rounding of steps that memory makes it cut.
 *
 * @param log told every step
 * @param nanoClock a clock in nanoseconds ({@code System::nanoTime}), for the rates in the log
 * @param memory how many bytes the passes of a step may take at once, beside the model, its
 *     gradients and the optimiser; without it steps are cut only when memory has run out
 * @param states where the run saves its state, and finds that of an earlier life
 * @param notes told what a person should know of the run, a sentence at a time
 */
public record Execution(
    Consumer<LogEntry> log,
    LongSupplier nanoClock,
    OptionalLong memory,
    Optional<SavedStates> states,
    Consumer<String> notes) {

  /** A term may run a second model, or the same one on other targets, beside its own pass. */
  public static final int PASSES_OF_A_TERM = 2;

  /** Only a log and a clock. */
  public static Execution of(Consumer<LogEntry> log, LongSupplier nanoClock) {
    return new Execution(log, nanoClock, OptionalLong.empty(), Optional.empty(), note -> {});
  }
}
