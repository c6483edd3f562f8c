package io.recant.spark.step;

import io.recant.core.error.InputException;
import io.recant.core.error.RecantException;
import io.recant.core.error.StepException;
import io.recant.spark.run.CommittedFiles;
import io.recant.spark.run.RunDirectory;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;

/** Says in Recant's words why a job of Spark failed, where it was a file. */
final class FailedJob {

  private static final String UNREADABLE = "FAILED_READ_FILE";
  private static final String UNWRITABLE = "TASK_WRITE_FAILED";

  private FailedJob() {}

  /**
   * The error behind a failure: the one a task raised on purpose, a file that could not be read, or
   * one that could not be written. Empty for any other.
   */
  static Optional<RecantException> explain(Throwable failure, RunDirectory run) {
    Optional<RecantException> explained = Optional.empty();
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof RecantException known) {
        return Optional.of(known);
      }
      if (explained.isEmpty() && e instanceof SparkThrowable && condition(e) != null) {
        explained = explain(e, failure, run);
      }
    }
    return explained;
  }

  private static Optional<RecantException> explain(
      Throwable e, Throwable failure, RunDirectory run) {
    String path = ((SparkThrowable) e).getMessageParameters().get("path");
    if (condition(e).startsWith(UNREADABLE)) {
      return Optional.of(
          new Path(path).toString().startsWith(run.path().toString())
              ? CommittedFiles.unreadable(path, failure)
              : new InputException(
                  path + " cannot be read: " + RecantException.reason(failure), failure));
    }
    if (condition(e).startsWith(UNWRITABLE)) {
      return Optional.of(
          new StepException(
              "cannot write "
                  + path
                  + ": "
                  + RecantException.reason(failure)
                  + "; nothing is committed: make room, or let this user write there, and run the"
                  + " step again",
              failure));
    }
    return Optional.empty();
  }

  private static String condition(Throwable e) {
    return ((SparkThrowable) e).getCondition();
  }
}
