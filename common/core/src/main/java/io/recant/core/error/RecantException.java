package io.recant.core.error;

import io.recant.core.redact.Redaction;

/**
 * The root of every error Recant raises on purpose. Its message says what was wrong, where (file,
 * row, key) and what to do, and shows no secret; {@code Main} alone turns it into an exit status.
 */
public abstract sealed class RecantException extends RuntimeException
    permits ConfigException, InputException, StepException, BusyException {

  private final ExitCode exitCode;

  RecantException(ExitCode exitCode, String message, Throwable cause) {
    super(Redaction.text(message), cause);
    this.exitCode = exitCode;
  }

  /** What the cause at the bottom of a failure says: engines wrap it several times over. */
  public static String reason(Throwable failure) {
    Throwable bottom = failure;
    while (bottom.getCause() != null) {
      bottom = bottom.getCause();
    }
    return bottom.getMessage() == null ? bottom.toString() : bottom.getMessage();
  }

  /** The exit status this error ends a command with. */
  public final ExitCode exitCode() {
    return exitCode;
  }
}
