package io.recant.spark.grid;

/** Which device cells are to run on: the setting {@code device} of a step. */
public enum DeviceChoice {
  /** The GPU that Spark assigns, where the application has any; else the CPU. */
  AUTO,
  /** The CPU; GPUs are left to others. */
  CPU,
  /** A GPU that Spark assigns, and nothing else. */
  GPU
}
