package io.recant.spark.grid;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a cell learns from the executor it runs on.
 *
 * @param device the device Spark assigned: {@code gpu:N} for an assigned address, else {@code cpu}
 * @param hadoop how to reach the run's filesystem
 * @param slots how many cells may run at once in this executor's process
 * @param specHash hash of the cell's specification, secrets aside
 * @param folder a place beside the run for what another life of the cell can go on from; there only
 *     if the cell makes it, and removed when the cell is done
 */
public record CellContext(
    String device, Configuration hadoop, int slots, String specHash, Path folder) {}
