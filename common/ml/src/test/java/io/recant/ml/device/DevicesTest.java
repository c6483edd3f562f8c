package io.recant.ml.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.recant.core.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {

  @Test
  void cpuIsTheCpu() {
    assertThat(Devices.parse("cpu")).isEqualTo(Device.cpu());
    try (NDManager manager = Devices.manager(Device.cpu())) {
      assertThat(manager.getDevice()).isEqualTo(Device.cpu());
      assertThat(manager.getEngine().getEngineName()).isEqualTo("PyTorch");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "gpu:1"})
  void aGpuThatIsNotThereIsSaidToBeMissing(String device) {
    assumeTrue(Engine.getEngine("PyTorch").getGpuCount() == 0);
    assertThatThrownBy(() -> Devices.parse(device))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(device)
        .hasMessageContaining("CUDA");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CPU", "cuda", "gpu:", "gpu:x", "gpu:-1", "gpu:99999999999"})
  void anythingElseIsRefused(String device) {
    assertThatThrownBy(() -> Devices.parse(device))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cpu, gpu, gpu:N");
  }
}
