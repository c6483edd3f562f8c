package io.recant.core.error;

/** Another process holds what this one needs: the message says who, and since when. */
public final class BusyException extends RecantException {

  public BusyException(String message) {
    this(message, null);
  }

  public BusyException(String message, Throwable cause) {
    super(ExitCode.TRY_AGAIN, message, cause);
  }
}
