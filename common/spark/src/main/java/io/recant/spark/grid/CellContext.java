package io.recant.spark.grid;

import org.apache.hadoop.conf.Configuration;

/**
 * What a cell learns from the executor it runs on.
 *
 * @param device the device Spark assigned: {@code gpu:N} for an assigned address, else {@code cpu}
 * @param hadoop how to reach the run's filesystem
 */
public record CellContext(String device, Configuration hadoop) {}
