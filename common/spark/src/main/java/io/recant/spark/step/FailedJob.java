package io.recant.spark.step;

import io.recant.core.error.InputException;
import io.recant.core.error.RecantException;
import io.recant.core.error.StepException;
import io.recant.spark.run.CommittedFiles;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
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
   * one that could not be written. Empty for any other, as an error of the code.
   */
  static Optional<RecantException> explain(Throwable failure, RunDirectory run) {
    Optional<RecantException> explained = Optional.empty();
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof RecantException known) {
        return Optional.of(known);
      }
      // The innermost counts: a task that writes what it reads fails at both.
      if (condition(e).startsWith(UNREADABLE)) {
        explained = Optional.of(unreadable(path(e), failure, run));
      } else if (condition(e).startsWith(UNWRITABLE) && bottom(e) instanceof IOException) {
        explained = Optional.of(unwritable(path(e), failure));
      }
    }
    return explained;
  }

  private static InputException unreadable(String path, Throwable failure, RunDirectory run) {
    return new Path(path).toString().startsWith(run.path().toString())
        ? CommittedFiles.unreadable(path, failure)
        : new InputException(path + " cannot be read: " + RecantException.reason(failure), failure);
  }

  private static StepException unwritable(String path, Throwable failure) {
    return new StepException(
        "cannot write "
            + path
            + ": "
            + RecantException.reason(failure)
            + "; nothing is committed: make room, or let this user write there, and run the step"
            + " again",
        failure);
  }

  private static Throwable bottom(Throwable e) {
    return e.getCause() == null ? e : bottom(e.getCause());
  }

  private static String path(Throwable e) {
    return ((SparkThrowable) e).getMessageParameters().get("path");
  }

  /** The name Spark gives an error; empty where it gives none. */
  private static String condition(Throwable e) {
    return e instanceof SparkThrowable named && named.getCondition() != null
        ? named.getCondition()
        : "";
  }
}
