package io.recant.spark;

import org.apache.spark.sql.SparkSession;

/** The Spark application that all tests of a JVM share: two threads, no web server. */
public final class SparkTestSession {

  private SparkTestSession() {}

  /** The session; begun by the first test that asks, ended with the JVM. */
  public static SparkSession get() {
    // Compiling a plan takes longer than running it on ten rows.
    return builder()
        .master("local[2]")
        .config("spark.sql.codegen.wholeStage", "false")
        .getOrCreate();
  }

  /** What every Spark application of the tests has in common, also those in other processes. */
  public static SparkSession.Builder builder() {
    return SparkSession.builder()
        .appName("recant tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.metrics.conf.*.sink.jmx.class", "org.apache.spark.metrics.sink.JmxSink")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true");
  }
}
