package io.recant.jobs.cells;

import io.recant.ml.model.Model;
import io.recant.ml.train.Execution;
import io.recant.spark.grid.CellContext;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a training finds around it in a cell.
 *
 * @param execution the training's view
 * @param notes what it says, for the table
 */
public record CellExecution(Execution execution, List<String> notes) {

  private static final Logger LOG = LoggerFactory.getLogger(CellExecution.class);

  /**
   * Around the training of a model on this executor.
   *
   * @param memory the setting
   */
  public static CellExecution of(String memory, Model model, TrainingLog log, CellContext context) {
    List<String> notes = new ArrayList<>();
    long bytes = PassMemory.parse(memory).bytes(model, context.slots());
    return new CellExecution(
        new Execution(
            log,
            System::nanoTime,
            OptionalLong.of(bytes),
            note -> {
              LOG.info("{}", note);
              notes.add(note);
            }),
        notes);
  }
}
