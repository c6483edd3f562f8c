package io.recant.ml.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrainFloatsTest {

  /** As torch.tensor(x).bfloat16() has it. */
  @ParameterizedTest
  @CsvSource({
    "1, 0x3f80",
    "-2.5, 0xc020",
    "3.14159274, 0x4049",
    // Half way between two: the even one, below and above.
    "1.00390625, 0x3f80",
    "1.01171875, 0x3f82",
    "3.4028235E38, 0x7f80",
    "1E-45, 0x0000",
    "Infinity, 0x7f80",
  })
  void roundsToTheNearestEven(float number, String bits) {
    assertThat(BrainFloats.narrow(number)).isEqualTo((short) Integer.decode(bits).intValue());
  }

  @Test
  void whatIsNoNumberStaysNone() {
    assertThat(Float.intBitsToFloat(BrainFloats.narrow(Float.NaN) << 16)).isNaN();
    // All its set bits are in the half that is dropped.
    float low = Float.intBitsToFloat(0x7f800001);
    assertThat(Float.intBitsToFloat(BrainFloats.narrow(low) << 16)).isNaN();
  }

  @Test
  void aTensorOfSeveralPiecesComesBackRounded(@TempDir Path directory) {
    Path file = directory.resolve("wide.safetensors");
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      // More than the 8 MB that leave the device at once.
      NDArray numbers = manager.arange(0, 3_000_000, 1, DataType.FLOAT32);
      SafetensorsWriter.stream(
          file,
          Map.of("x", SafetensorsWriter.inBFloat16(SafetensorsWriter.source(numbers))),
          Map.of());
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        assertThat(reader.tensors().get("x").type()).isEqualTo(DataType.BFLOAT16);
        float[] read = reader.read("x", DataType.FLOAT32, manager).toFloatArray();
        assertThat(read).hasSize(3_000_000);
        for (int i = 0; i < read.length; i += 99_991) {
          assertThat(read[i]).isEqualTo(Float.intBitsToFloat(BrainFloats.narrow(i) << 16));
        }
      }
    }
  }
}
