package io.recant.jobs.bench;

/** Facts hidden from documents. */
final class HiddenFacts {
  private HiddenFacts() {}

  static void run(double share, BenchContext context) {
    context.note("facts " + share);
  }
}
