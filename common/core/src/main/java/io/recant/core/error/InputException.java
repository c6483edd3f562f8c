package io.recant.core.error;

/**
 * Input data that is not what the configuration promises: the message names the file, and the row
 * where there is one.
 */
public final class InputException extends RecantException {

  public InputException(String message) {
    this(message, null);
  }

  public InputException(String message, Throwable cause) {
    super(ExitCode.BAD_INPUT, message, cause);
  }
}
