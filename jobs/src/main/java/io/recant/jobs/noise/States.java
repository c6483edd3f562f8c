package io.recant.jobs.noise;

import java.io.Serializable;
import java.util.List;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;

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
    if (rows.getNumPartitions() == 0) {
      return zero;
    }
    // Sent apart from the tasks: with a hundred classes it is a megabyte, and grows with their
    // square.
    Broadcast<S> start = JavaSparkContext.fromSparkContext(rows.context()).broadcast(zero);
    try {
      return rows.mapPartitions(
              part -> {
                S state = SerializationUtils.clone(start.value());
                while (part.hasNext()) {
                  state = add.call(state, part.next());
                }
                return List.of(state).iterator();
              })
          .treeReduce(merge);
    } finally {
      start.destroy();
    }
  }
}
