package io.recant.core.error;

/** What the process tells its caller; the numbers are those of {@code sysexits.h}. */
public enum ExitCode {
  DONE(0),
  /** Wrong use or configuration: nothing was run, a person has to change something. */
  USAGE(64),
  /** The input data is not what the configuration promises. */
  BAD_INPUT(65),
  /** The job failed; the message says where. */
  FAILED(70),
  /** Somebody else holds what this run needs; the same command may work later. */
  TRY_AGAIN(75);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The process exit status. */
  public int number() {
    return number;
  }
}
