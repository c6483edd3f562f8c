package io.recant.jobs.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.recant.core.error.ConfigException;
import io.recant.ml.device.Devices;
import io.recant.spark.grid.DeviceChoice;
import org.junit.jupiter.api.Test;

/** What is wanted, what Spark assigned, and what PyTorch has. */
class CellDeviceTest {

  @Test
  void theCpuIsTakenWhereItIsWantedOrNothingElseAssigned() {
    assertThat(CellDevice.of(DeviceChoice.CPU, "gpu:1").text()).isEqualTo("cpu");
    CellDevice assigned = CellDevice.of(DeviceChoice.AUTO, "cpu");
    assertThat(assigned.text()).isEqualTo("cpu");
    assertThat(assigned.note()).isEmpty();
  }

  @Test
  void aGpuThatIsWantedAndNotAssignedIsAnError() {
    assertThatThrownBy(() -> CellDevice.of(DeviceChoice.GPU, "cpu"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("assigned none");
  }

  @Test
  void withoutCudaAnAssignedGpuIsAnErrorOrAWordAboutIt() {
    assumeThat(Devices.gpus()).isZero();
    assertThatThrownBy(() -> CellDevice.of(DeviceChoice.GPU, "gpu:1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("gpu:1")
        .hasMessageContaining("no CUDA device");
    CellDevice fallen = CellDevice.of(DeviceChoice.AUTO, "gpu:1");
    assertThat(fallen.text()).isEqualTo("cpu");
    assertThat(fallen.note()).hasValueSatisfying(note -> assertThat(note).contains("gpu:1"));
  }
}
