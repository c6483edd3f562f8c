package io.recant.jobs.ingest;

/** Ends the reading of one row; never leaves {@link RowParser}. */
final class RejectedRow extends RuntimeException {

  private final transient Rejection rejection;

  RejectedRow(String code, String reason) {
    this(new Rejection(code, reason));
  }

  /** No stack trace: a corpus may have millions of bad rows, and each is told in words. */
  RejectedRow(Rejection rejection) {
    super(rejection.reason(), null, false, false);
    this.rejection = rejection;
  }

  Rejection rejection() {
    return rejection;
  }
}
