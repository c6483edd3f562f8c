package io.recant.ml.metric;

import io.recant.core.registry.Extension;
import io.recant.core.stats.Interval;
import java.util.List;
import java.util.Set;

/**
 * One measure of a model, taken from what the model says about rows whose truth is known. A measure
 * that lacks what it needs says so; it never fails the rest.
 *
 * @param <S> its settings
 */
public interface Metric<S extends Record> extends Extension<S> {

  /** Which way is better. */
  enum Direction {
    HIGHER,
    LOWER,
    /** Nearest to the value of the model that never saw the bad data. */
    ORACLE
  }

  /** Which way is better. */
  Direction direction();

  /**
   * Takes the measure.
   *
   * @param model what the model says about every evaluation row, of all parts
   * @return a value per split it was taken on; empty when the rows it needs are not there
   */
  List<Value> measure(S settings, Evaluated model);

  /** What has to be read off the model beside its view of targets and false targets. */
  default Set<Reading> reads(S settings) {
    return Set.of();
  }

  /** What {@code scores} says when {@link #measure} comes back empty. */
  String needs();

  /**
   * One number.
   *
   * @param split the rows it was taken on
   * @param interval the number with its interval
   * @param n how many rows
   */
  record Value(String split, Interval interval, long n) {}
}
