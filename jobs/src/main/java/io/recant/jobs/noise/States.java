package io.recant.jobs.noise;

import java.io.Serializable;
import java.util.List;
import java.util.function.BinaryOperator;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;

/** One pass over rows that fills a mergeable state. */
public final class States {

  /**
   * Of no more partitions than this a tree has no inner level: their states all come to the driver.
   */
  private static final int FEW = 5;

  private States() {}

  /**
   * The state of all rows.
   *
   * @param zero the state of no rows; it is copied, never changed
   * @param add takes a row in and returns the state
   * @param merge takes another state in and returns the first
   */
  public static <R, S extends Serializable> S over(
      JavaRDD<R> rows, S zero, Function2<S, R, S> add, Merge<S> merge) {
    if (rows.getNumPartitions() == 0) {
      return zero;
    }
    // Sent apart from the tasks: with a hundred classes it is a megabyte, and grows with their
    // square.
    Broadcast<S> start = JavaSparkContext.fromSparkContext(rows.context()).broadcast(zero);
    try {
      return merged(
          rows.mapPartitions(
              part -> {
                S state = SerializationUtils.clone(start.value());
                while (part.hasNext()) {
                  state = add.call(state, part.next());
                }
                return List.of(state).iterator();
              }),
          merge);
    } finally {
      start.destroy();
    }
  }

  /** Takes another state in and returns the first. */
  @FunctionalInterface
  public interface Merge<S> extends BinaryOperator<S>, Serializable {}

  /**
   * The states of all partitions as one. Few are merged on the driver, in the order of partitions:
   * they would come there as well from Spark's tree, which takes six closures to bring them, and
   * Spark reads the code of each before every job; that takes longer than a pass over a small
   * corpus.
   *
   * @param states one a partition, of one partition at least
   */
  public static <S> S merged(JavaRDD<S> states, Merge<S> merge) {
    return states.getNumPartitions() > FEW
        ? states.treeReduce(merge::apply)
        : states.collect().stream().reduce(merge).orElseThrow();
  }
}
