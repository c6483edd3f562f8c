package io.recant.spark.observe;

import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkContext;

/**
 * What a thread of the driver is at, for those who look at Spark from outside: its log events carry
 * the fields of {@link LogFields}, and the jobs it starts have a group (the step) and a description
 * that a person can read. Closing puts back what was there, also in the order in which scopes are
 * nested.
 */
public final class Activity implements AutoCloseable {

  /** The local property that names the run of a job. */
  public static final String RUN = LogFields.PREFIX + "run";

  /** The local property that names the step of a job. */
  public static final String STEP = LogFields.PREFIX + "step";

  /** The local property with the hash of the step's configuration. */
  public static final String CONFIG_HASH = "recant.config_hash";

  /** The local property with the paths the step reads by its configuration, one a line. */
  public static final String PATHS = "recant.paths";

  private static final String GROUP = "spark.jobGroup.id";
  private static final String DESCRIPTION = "spark.job.description";

  private final SparkContext spark;
  private final LogFields log;
  private final Deque<Map.Entry<String, String>> before = new ArrayDeque<>();

  private Activity(SparkContext spark, Map<String, String> properties, LogFields log) {
    this.spark = spark;
    this.log = log;
    properties.forEach(
        (key, value) -> {
          before.push(new SimpleEntry<>(key, spark.getLocalProperty(key)));
          spark.setLocalProperty(key, value);
        });
  }

  /**
   * A step of a run, from here to the close.
   *
   * @param paths the files, folders and patterns it reads by its configuration, without secrets
   */
  public static Activity ofStep(
      SparkContext spark, String run, String step, String configHash, List<String> paths) {
    return new Activity(
        spark,
        Map.of(
            GROUP, step,
            DESCRIPTION, step,
            RUN, run,
            STEP, step,
            CONFIG_HASH, configHash,
            PATHS, String.join("\n", paths)),
        LogFields.of(Map.of("run", run, "step", step)));
  }

  /** A part of what the thread is at: jobs are described as {@code group: what}. */
  public static Activity of(SparkContext spark, String what) {
    return new Activity(spark, described(spark, what), LogFields.of(Map.of()));
  }

  /** A part that is about one corpus: jobs are described as {@code group: what on corpus name}. */
  public static Activity on(SparkContext spark, String corpus, String what) {
    Map<String, String> properties = described(spark, what + " on corpus " + corpus);
    properties.put(LogFields.PREFIX + "corpus", corpus);
    return new Activity(spark, properties, LogFields.of(Map.of("corpus", corpus)));
  }

  private static Map<String, String> described(SparkContext spark, String what) {
    String group = spark.getLocalProperty(GROUP);
    Map<String, String> properties = new TreeMap<>();
    properties.put(DESCRIPTION, group == null ? what : group + ": " + what);
    return properties;
  }

  @Override
  public void close() {
    before.forEach(property -> spark.setLocalProperty(property.getKey(), property.getValue()));
    log.close();
  }
}
