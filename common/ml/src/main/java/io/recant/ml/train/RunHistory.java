package io.recant.ml.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * What became of each step of a run and what was measured between them. A run that goes on from a
 * saved state is the same program from its beginning: it draws the same minibatches, and is told
 * from here what it learned from them, without computing it again, until it has caught up.
 */
final class RunHistory {

  /**
   * What has happened.
   *
   * @param steps how many steps were tried
   * @param notPermitted which of those were not taken, counted from 0
   * @param measured what was measured, in order
   */
  record Events(long steps, List<Long> notPermitted, List<Double> measured) {}

  private final List<Long> notPermitted;
  private final List<Double> measured;
  private final long known;
  private long steps;
  private int measures;

  /** A history to live through again. */
  RunHistory(Events earlier) {
    known = earlier.steps();
    notPermitted = new ArrayList<>(earlier.notPermitted());
    measured = new ArrayList<>(earlier.measured());
  }

  /** Nothing has happened. */
  static RunHistory none() {
    return new RunHistory(new Events(0, List.of(), List.of()));
  }

  /** Whether the next step is one of an earlier life. */
  boolean knowsNext() {
    return steps < known;
  }

  /** The next step of the earlier life: whether it was taken. */
  boolean next() {
    return !notPermitted.contains(steps++);
  }

  /** A step that was tried in this life. */
  void add(boolean taken) {
    if (!taken) {
      notPermitted.add(steps);
    }
    steps++;
  }

  /** A measure of an earlier life, or else a new one. */
  double measure(DoubleSupplier measure) {
    if (measures == measured.size()) {
      measured.add(measure.getAsDouble());
    }
    return measured.get(measures++);
  }

  /** All of it, once everything known has been lived through. */
  Events events() {
    return new Events(steps, List.copyOf(notPermitted), List.copyOf(measured));
  }
}
