package io.recant.jobs.noise;

import java.io.Serializable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;

/** One pass over rows that fills a mergeable state. */
public final class States {

  private States() {}

  /**
   * The state of all rows.
   *
   * @param zero the state of no rows; it is copied, never changed
   * @param add takes a row in and returns the state
   * @param merge takes another state in and returns the first
   */
  public static <R, S extends Serializable> S over(
      JavaRDD<R> rows, S zero, Function2<S, R, S> add, Function2<S, S, S> merge) {
    return rows.treeAggregate(zero, add, merge);
  }
}
