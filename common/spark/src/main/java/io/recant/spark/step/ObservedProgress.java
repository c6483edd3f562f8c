package io.recant.spark.step;

import io.recant.core.redact.Redaction;
import io.recant.spark.observe.Activity;
import io.recant.spark.observe.RecantMetrics;
import io.recant.spark.progress.Progress;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Progress that is also seen in Spark's UI and metrics: what begins names the jobs it starts. */
final class ObservedProgress implements Progress {

  private final Progress shown;
  private final SparkContext spark;
  private final RecantMetrics metrics;

  ObservedProgress(Progress shown, SparkContext spark, RecantMetrics metrics) {
    this.shown = shown;
    this.spark = spark;
    this.metrics = metrics;
  }

  @Override
  public void note(String message) {
    shown.note(Redaction.uris(message));
  }

  @Override
  public Task begin(String what, long total, String unit) {
    String description = total < 0 ? what : what + ": " + total + " " + unit;
    Task task = shown.begin(what, total, unit);
    Activity activity = Activity.of(spark, description);
    LongAccumulator counter = task.counter();
    metrics.work(counter::sum, total);
    return new Task() {
      @Override
      public LongAccumulator counter() {
        return counter;
      }

      @Override
      public void close() {
        long done = counter.sum();
        metrics.work(() -> done, total);
        activity.close();
        task.close();
      }
    };
  }
}
