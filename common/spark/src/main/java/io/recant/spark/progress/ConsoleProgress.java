package io.recant.spark.progress;

import io.recant.spark.observe.LogFields;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Progress on a stream of text: rows, rate and time left. On a terminal the line is redrawn every
 * second; elsewhere a new line is printed every ten, so that logs stay short, and what is printed
 * also goes to the driver's log.
 */
public final class ConsoleProgress implements Progress {

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleProgress.class);

  private final SparkContext spark;
  private final PrintStream out;
  private final Clock clock;
  private final boolean terminal;

  public ConsoleProgress(SparkContext spark, PrintStream out, Clock clock, boolean terminal) {
    this.spark = spark;
    this.out = out;
    this.clock = clock;
    this.terminal = terminal;
  }

  @Override
  public void note(String message) {
    line(message);
  }

  private void line(String text) {
    out.println("  " + text);
    if (!terminal) {
      LOG.info("{}", text);
    }
  }

  @Override
  public Task begin(String what, long total, String unit) {
    return new Line(what, total, unit);
  }

  private final class Line implements Task {

    private final String what;
    private final long total;
    private final String unit;
    private final LongAccumulator counter;
    private final Instant started = clock.instant();
    private final ScheduledExecutorService ticker;

    Line(String what, long total, String unit) {
      this.what = what;
      this.total = total;
      this.unit = unit;
      this.counter = spark.longAccumulator();
      this.ticker =
          Executors.newSingleThreadScheduledExecutor(
              task -> {
                Thread thread = new Thread(task, "recant-progress");
                thread.setDaemon(true);
                return thread;
              });
      int period = terminal ? 1 : 10;
      ticker.scheduleAtFixedRate(LogFields.carriedBy(this::tick), period, period, TimeUnit.SECONDS);
    }

    @Override
    public LongAccumulator counter() {
      return counter;
    }

    @Override
    public void close() {
      ticker.shutdownNow();
      double seconds = seconds();
      out.print(terminal ? "\r\u001b[K" : "");
      line(
          String.format(
              Locale.ROOT,
              "%s: %s%s in %s",
              what,
              amount(counter.sum() > 0 ? counter.sum() : total),
              rate(seconds),
              duration(seconds)));
    }

    private void tick() {
      double seconds = seconds();
      long done = counter.sum();
      String text =
          String.format(
              Locale.ROOT, "%s: %s%s%s", what, soFar(done), rate(seconds), left(done, seconds));
      if (terminal) {
        out.print("\r\u001b[K  " + text);
        out.flush();
      } else {
        line(text);
      }
    }

    private double seconds() {
      return Math.max(0.001, Duration.between(started, clock.instant()).toMillis() / 1000.0);
    }

    private String soFar(long done) {
      return total > 0
          ? String.format(
              Locale.ROOT, "%,d of %,d %s (%d %%)", done, total, unit, 100 * done / total)
          : amount(done);
    }

    private String amount(long done) {
      return String.format(Locale.ROOT, "%,d %s", Math.max(0, done), unit);
    }

    private String rate(double seconds) {
      double rate = counter.sum() / seconds;
      return rate <= 0
          ? ""
          : String.format(Locale.ROOT, rate < 10 ? ", %.1f/s" : ", %,.0f/s", rate);
    }

    private String left(long done, double seconds) {
      return done <= 0 || total <= done
          ? ""
          : ", about " + duration(seconds * (total - done) / done) + " left";
    }
  }

  /** A duration for people: "4.2 s", "3 min 20 s". */
  public static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
  }
}
