package io.recant.core.error;

/** A step that could not finish: the message says which, at what, and what to do next. */
public final class StepException extends RecantException {

  public StepException(String message) {
    this(message, null);
  }

  public StepException(String message, Throwable cause) {
    super(ExitCode.FAILED, message, cause);
  }
}
