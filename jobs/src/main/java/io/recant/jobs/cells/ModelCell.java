package io.recant.jobs.cells;

import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * What training and unlearning have in common: a cell that ends in a model directory, a checkpoint
 * row and a log.
 */
public final class ModelCell {

  private ModelCell() {}

  /**
   * A finished cell.
   *
   * @param uri the model directory, relative to the run
   * @param sha256 hash of its weights
   * @param configHash hash of the settings it was made with
   * @param stopped why it ended, in words
   * @param peakMemoryBytes most resident memory of the executor so far; 0 where the system does not
   *     say
   * @param notes what else there is to know of how it went
   * @param log the training log
   */
  public record Result(
      String model,
      String method,
      long seed,
      String corpus,
      String family,
      String uri,
      String sha256,
      String configHash,
      long steps,
      String stopped,
      String device,
      double seconds,
      long peakMemoryBytes,
      List<String> notes,
      List<Logged> log) {}

  /** One logged optimiser step; the fields are the columns of {@code training_log}. */
  public record Logged(
      long step,
      int epoch,
      double loss,
      Double forgetLoss,
      Double retainLoss,
      double learningRate,
      Double gradientNorm,
      Double tokensPerSecond) {}

  /** Where a model directory is kept, relative to the run. */
  public static String uri(String model, String method, long seed) {
    return "checkpoints/model=" + model + "/method=" + method + "/seed=" + seed;
  }

  /**
   * Writes the tables {@code checkpoints} and {@code training_log}, names the model directories as
   * artefacts, and says what there is to know of the cells.
   */
  public static void write(StepContext context, List<Result> results) {
    List<Row> checkpoints = new ArrayList<>();
    List<Row> log = new ArrayList<>();
    for (Result r : results) {
      for (String note : r.notes()) {
        context.progress().note(r.model() + "." + r.method() + "." + r.seed() + ": " + note);
      }
      checkpoints.add(
          RowFactory.create(
              r.seed(),
              r.corpus(),
              r.family(),
              r.uri(),
              r.sha256(),
              r.configHash(),
              r.steps(),
              r.stopped(),
              r.device(),
              r.seconds(),
              r.peakMemoryBytes(),
              r.notes().isEmpty() ? null : String.join("; ", r.notes()),
              r.model(),
              r.method()));
      for (Logged l : r.log()) {
        log.add(
            RowFactory.create(
                r.seed(),
                l.step(),
                l.epoch(),
                l.loss(),
                l.forgetLoss(),
                l.retainLoss(),
                l.learningRate(),
                l.gradientNorm(),
                l.tokensPerSecond(),
                r.model(),
                r.method()));
      }
      context.artifact(new org.apache.hadoop.fs.Path(context.runDirectory().path(), r.uri()));
    }
    context.write(
        Table.CHECKPOINTS,
        context.spark().createDataFrame(checkpoints, Schemas.of(Table.CHECKPOINTS)));
    context.write(
        Table.TRAINING_LOG, context.spark().createDataFrame(log, Schemas.of(Table.TRAINING_LOG)));
  }
}
