package io.recant.jobs.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.DeviceMemory;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.TextClassifierFamily;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PassMemoryTest {

  @ParameterizedTest
  @CsvSource({"0,0", "1234,1234", "2k,2048", "500m,524288000", "8G,8589934592", "3gb,3221225472"})
  void bytesAreReadAsSparkReadsThem(String text, long bytes) {
    assertThat(PassMemory.parse(text).given()).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "g", "-1", "1.5g", "8 g", "lots", "1x"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> PassMemory.parse(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'" + text + "'", "500m");
  }

  @Test
  void autoIsAShareOfTheDeviceLessTheModel() {
    TextClassifierFamily.Settings shape = new TextClassifierFamily.Settings(64, 0);
    TaskSpec task = TaskSpec.classification(List.of("a", "b"), 8);
    try (Model model = new TextClassifierFamily().create(shape, task, 1, Device.cpu())) {
      long one = PassMemory.parse("auto").bytes(model, 1);
      long third = PassMemory.parse("auto").bytes(model, 3);
      long models = 6 * 4 * (64 * 8 + 64 + 2 * 64 + 2);
      assertThat(one).isBetween(1L, DeviceMemory.total(Device.cpu()) / 2);
      assertThat(one + models).isBetween(3 * (third + models) - 9, 3 * (third + models) + 9);
      assertThat(PassMemory.parse("auto").bytes(model, Integer.MAX_VALUE)).isEqualTo(1);
      assertThat(PassMemory.parse("7k").bytes(model, 3)).isEqualTo(7168);
    }
  }
}
