package io.recant.jobs;

import io.recant.jobs.cli.CommandLineProgram;

/**
 * The program: {@code recant COMMAND ...}, or the same through {@code spark-submit --class
 * io.recant.jobs.Main}.
 */
public final class Main {

  private Main() {}

  /**
   * Runs one command. Returns on success and exits otherwise: on YARN in cluster mode {@code
   * System.exit(0)} would mark a good run as failed.
   */
  public static void main(String[] args) {
    int status = CommandLineProgram.run(args, System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }
}
