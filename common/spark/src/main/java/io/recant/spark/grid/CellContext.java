package io.recant.spark.grid;

import org.apache.hadoop.conf.Configuration;

/**
 * What a cell learns from the executor it runs on.
 *
 * @param device the device Spark assigned: {@code gpu:N} for an assigned address, else {@code cpu}
 * @param hadoop how to reach the run's filesystem
 * @param slots how many cells may run at once in this executor's process
 */
public record CellContext(String device, Configuration hadoop, int slots) {}
