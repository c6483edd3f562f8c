package io.recant.spark.observe;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.util.LongAccumulator;

/**
 * Our numbers in Spark's metrics system, under {@code <application>.driver.recant}, for whatever
 * sinks the application has. They are kept by the driver: executors tell it of cells through
 * accumulators, so nothing of ours has to be on an executor's class path before it starts, and no
 * {@code spark.plugins} has to be configured.
 *
 * <ul>
 *   <li>{@code steps.committed}, {@code steps.skipped}, {@code steps.failed}: counters
 *   <li>{@code steps.<step>.time}: a timer of those that committed or failed
 *   <li>{@code rows.<table>}: a counter of the rows committed, {@code rows.quarantine} among them
 *   <li>{@code cells.done}, {@code cells.failed}: gauges, up to date while a grid runs
 *   <li>{@code work.done}, {@code work.total}: gauges of the work at hand; a total nobody knows is
 *       -1
 * </ul>
 */
public final class RecantMetrics implements Source {

  private static final String NAME = "recant";

  private final MetricRegistry registry = new MetricRegistry();
  private final LongAccumulator cellsDone;
  private final LongAccumulator cellsFailed;
  private volatile LongSupplier workDone = () -> 0;
  private volatile long workTotal;

  private RecantMetrics(SparkContext spark) {
    cellsDone = spark.longAccumulator("recant cells done");
    cellsFailed = spark.longAccumulator("recant cells failed");
    registry.register("cells.done", (Gauge<Long>) cellsDone::sum);
    registry.register("cells.failed", (Gauge<Long>) cellsFailed::sum);
    registry.register("work.done", (Gauge<Long>) () -> workDone.getAsLong());
    registry.register("work.total", (Gauge<Long>) () -> workTotal);
    registry.counter("steps.committed");
    registry.counter("steps.skipped");
    registry.counter("steps.failed");
  }

  /** The metrics of an application; registered by the first who asks. */
  public static synchronized RecantMetrics of(SparkContext spark) {
    MetricsSystem metrics = spark.env().metricsSystem();
    var there = metrics.getSourcesByName(NAME).headOption();
    if (there.isDefined() && there.get() instanceof RecantMetrics ours) {
      return ours;
    }
    RecantMetrics ours = new RecantMetrics(spark);
    metrics.registerSource(ours);
    return ours;
  }

  /** A step is committed after {@code time}. */
  public void committed(String step, Duration time) {
    registry.counter("steps.committed").inc();
    registry.timer("steps." + step + ".time").update(time);
  }

  /** A step had been committed before. */
  public void skipped() {
    registry.counter("steps.skipped").inc();
  }

  /** A step failed after {@code time}. */
  public void failed(String step, Duration time) {
    registry.counter("steps.failed").inc();
    registry.timer("steps." + step + ".time").update(time);
  }

  /** Rows of a table are committed. */
  public void rows(String table, long rows) {
    registry.counter("rows." + table).inc(rows);
  }

  /** What the work at hand has done so far, and of how much. */
  public void work(LongSupplier done, long total) {
    workDone = done;
    workTotal = total;
  }

  /** The counter that a task adds a cell to which is done. */
  public LongAccumulator cellsDone() {
    return cellsDone;
  }

  /** The counter that a task adds a cell to which has failed. */
  public LongAccumulator cellsFailed() {
    return cellsFailed;
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
