package io.recant.jobs.cells;

import io.recant.ml.data.CloseableIterator;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.LimitedContext;
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

  /**
   * Notes how many examples are longer than what the model reads of them.
   *
   * @param set what to call them, in the singular
   */
  public void noteCut(Model model, String set, Examples examples) {
    if (!(model instanceof LimitedContext limited)) {
      return;
    }
    long cut = 0;
    try (CloseableIterator<Example> rows = examples.open()) {
      while (rows.hasNext()) {
        cut += limited.cutTokens(rows.next()) > 0 ? 1 : 0;
      }
    }
    if (cut > 0) {
      note(
          cut
              + " of "
              + examples.count()
              + " "
              + set
              + " rows were cut: they are longer than the model's context");
    }
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
