package io.recant.jobs.cells;

import io.recant.ml.train.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Keeps an even sample of the steps of one training, so that the log of a long one stays short. */
public final class TrainingLog implements Consumer<LogEntry> {

  /** About how many steps are kept. */
  private static final long KEPT = 200;

  private final long every;
  private final List<ModelCell.Logged> entries = new ArrayList<>();

  /** For a training of about so many steps. */
  public TrainingLog(long expectedSteps) {
    every = Math.max(1, expectedSteps / KEPT);
  }

  /** How many steps a training takes. */
  public static long steps(long examples, int batchSize, int epochs) {
    return (examples + batchSize - 1) / batchSize * epochs;
  }

  @Override
  public void accept(LogEntry entry) {
    if (entry.step() % every == 0) {
      entries.add(
          new ModelCell.Logged(
              entry.step() + 1,
              entry.epoch() + 1,
              entry.loss(),
              value(entry.forgetLoss()),
              value(entry.retainLoss()),
              entry.learningRate(),
              entry.gradientNorm(),
              entry.tokensPerSecond()));
    }
  }

  /** What was kept. */
  public List<ModelCell.Logged> entries() {
    return entries;
  }

  private static Double value(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
