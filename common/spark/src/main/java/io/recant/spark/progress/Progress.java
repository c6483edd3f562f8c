package io.recant.spark.progress;

/** Where long work says how far it is. */
public interface Progress {

  /** Says one thing, once. */
  void note(String message);

  /**
   * Begins a piece of work.
   *
   * @param what the work, as in "embedding"
   * @param total how many units there are, or -1 when nobody knows
   * @param unit what is counted, in the plural ("rows", "cells")
   */
  Task begin(String what, long total, String unit);

  /** A piece of work under way; closing it prints what it came to. */
  interface Task extends AutoCloseable {

    /** A counter tasks on executors may add to; it is a hint for people, never a result. */
    org.apache.spark.util.LongAccumulator counter();

    @Override
    void close();
  }
}
