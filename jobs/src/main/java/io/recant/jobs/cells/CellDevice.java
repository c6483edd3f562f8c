package io.recant.jobs.cells;

import ai.djl.Device;
import io.recant.core.error.ConfigException;
import io.recant.ml.device.Devices;
import io.recant.spark.grid.DeviceChoice;
import java.util.Optional;

/**
 * What a cell runs on.
 *
 * @param device where its tensors live
 * @param note what a person should know: that a GPU was assigned and could not be used
 */
public record CellDevice(Device device, Optional<String> note) {

  /**
   * The device of this cell.
   *
   * @param choice from the configuration
   * @param assigned what Spark assigned to the task: {@code cpu} or {@code gpu:N}
   * @throws ConfigException when a GPU is wanted and none is assigned, or PyTorch cannot use it
   */
  public static CellDevice of(DeviceChoice choice, String assigned) {
    boolean none = assigned.equals("cpu");
    return switch (choice) {
      case CPU -> new CellDevice(Device.cpu(), Optional.empty());
      case AUTO ->
          !none && Devices.gpus() == 0
              ? new CellDevice(
                  Device.cpu(),
                  Optional.of(
                      "Spark assigned "
                          + assigned
                          + ", but PyTorch sees no CUDA device there, so this ran on the CPU"))
              : new CellDevice(Devices.parse(assigned), Optional.empty());
      case GPU -> {
        if (none) {
          throw new ConfigException("device: gpu, but Spark assigned none to this task");
        }
        yield new CellDevice(Devices.parse(assigned), Optional.empty());
      }
    };
  }

  /** As the tables say it: {@code cpu} or {@code gpu:N}. */
  public String text() {
    return device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu";
  }
}
