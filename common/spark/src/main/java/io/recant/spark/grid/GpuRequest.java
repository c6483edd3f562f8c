package io.recant.spark.grid;

import io.recant.core.error.ConfigException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * How cells ask Spark for a GPU each: by a resource profile of their stage, so that tasks of other
 * stages ask for none and keep every core. Spark gives a whole address to one task at a time.
 */
final class GpuRequest {

  static final String GPU = "gpu";
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";

  private GpuRequest() {}

  /**
   * The cells, which now wait for a GPU each where they want one and executors have some.
   *
   * @throws ConfigException when GPUs are wanted and the application has none
   */
  static <T> JavaRDD<T> on(JavaRDD<T> cells, DeviceChoice choice) {
    if (choice == DeviceChoice.CPU) {
      return cells;
    }
    SparkConf conf = cells.context().getConf();
    // Local mode has no executors that could own a GPU, and refuses such profiles.
    boolean local = cells.context().isLocal();
    if (local || conf.getInt(EXECUTOR_GPUS, 0) == 0) {
      if (choice == DeviceChoice.GPU) {
        throw new ConfigException(
            "device: gpu, but "
                + (local
                    ? "local mode assigns no GPUs; submit to a cluster, be it one of this machine alone, with "
                    : "the executors of this application have none; submit with ")
                + EXECUTOR_GPUS
                + " and a discovery script (conf/spark/standalone-gpu.conf), or set device: auto");
      }
      return cells;
    }
    TaskResourceRequests one =
        new TaskResourceRequests().cpus(conf.getInt("spark.task.cpus", 1)).resource(GPU, 1);
    return cells.withResources(new ResourceProfileBuilder().require(one).build());
  }
}
