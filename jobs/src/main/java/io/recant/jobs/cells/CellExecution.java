package io.recant.jobs.cells;

import io.recant.ml.model.Model;
import io.recant.ml.train.Execution;
import io.recant.spark.grid.CellContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a training finds around it in a cell, and what it says there. */
public final class CellExecution implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CellExecution.class);

  private final List<String> notes = new ArrayList<>();
  private final CellStates states;
  private final Execution surroundings;

  private CellExecution(CellStates states, OptionalLong memory, TrainingLog log) {
    this.states = states;
    surroundings = new Execution(log, System::nanoTime, memory, Optional.of(states), this::note);
  }

  /** Around the training of a model on this executor; to be closed after it. */
  public static CellExecution begin(
      CellSettings settings, Model model, TrainingLog log, CellContext context) {
    long memory = PassMemory.parse(settings.memory()).bytes(model, context.slots());
    return new CellExecution(
        CellStates.of(context, settings.saveSeconds()), OptionalLong.of(memory), log);
  }

  /** What the training is given. */
  public Execution surroundings() {
    return surroundings;
  }

  /** Adds what a person should know of this cell. */
  public void note(String note) {
    LOG.info("{}", note);
    notes.add(note);
  }

  /** What was noted, in order. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public void close() {
    states.close();
  }
}
