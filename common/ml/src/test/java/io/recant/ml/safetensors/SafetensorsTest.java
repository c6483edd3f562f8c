package io.recant.ml.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

  private final NDManager manager = Devices.manager(TestDevice.get());

  @TempDir Path directory;

  @AfterEach
  void close() {
    manager.close();
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return raw(json.length, json, dataBytes);
  }

  private Path raw(long promised, byte[] json, int dataBytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(8 + json.length + dataBytes);
    buffer.order(ByteOrder.LITTLE_ENDIAN).putLong(promised).put(json);
    for (int i = 0; i < dataBytes; i++) {
      buffer.put((byte) i);
    }
    return Files.write(directory.resolve("given.safetensors"), buffer.array());
  }

  @Test
  void readsBytesWrittenByHand() throws IOException {
    Path path =
        file(
            "{\"__metadata__\":{\"who\":\"me\"},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2,3],\"data_offsets\":[8,14]},"
                + "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}",
            14);
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      assertThat(reader.metadata()).containsExactly(Map.entry("who", "me"));
      assertThat(reader.tensors().keySet()).containsExactly("b", "a");
      NDArray bytes = reader.read("b", DataType.UINT8, manager);
      assertThat(bytes.getShape()).isEqualTo(new Shape(2, 3));
      assertThat(bytes.toUint8Array()).containsExactly(8, 9, 10, 11, 12, 13);
      assertThat(reader.read("a", DataType.INT64, manager).getLong())
          .isEqualTo(0x0706050403020100L);
    }
  }

  @Test
  void writesTheSameBytesWhateverTheOrderAndReadsThemBack() throws IOException {
    NDArray matrix = manager.arange(6f).reshape(2, 3).transpose();
    NDArray counts = manager.create(new long[] {5, -6});
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    tensors.put("z", matrix);
    tensors.put("n", counts);
    Path one = directory.resolve("one.safetensors");
    SafetensorsWriter.write(one, tensors, Map.of("format", "pt", "a", "b"));
    Map<String, NDArray> reversed = new LinkedHashMap<>();
    reversed.put("n", counts);
    reversed.put("z", matrix);
    Path two = directory.resolve("deep/two.safetensors");
    SafetensorsWriter.write(two, reversed, Map.of("a", "b", "format", "pt"));
    assertThat(two).hasSameBinaryContentAs(one);
    assertThat(
            ByteBuffer.wrap(Files.readAllBytes(one)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8)
        .isZero();
    try (SafetensorsReader reader = SafetensorsReader.open(one)) {
      assertThat(reader.metadata()).containsEntry("format", "pt").containsEntry("a", "b");
      assertThat(reader.read("z", DataType.FLOAT32, manager)).isEqualTo(matrix);
      assertThat(reader.read("n", DataType.INT64, manager)).isEqualTo(counts);
    }
    assertThat(Files.list(directory))
        .extracting(p -> p.getFileName().toString())
        .doesNotContain("one.safetensors.partial");
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLOAT16", "FLOAT64"})
  void narrowAndWideFloatsBecomeTheFloatsOfTheModel(String type) {
    NDArray values = manager.create(new float[] {1.5f, -0.25f, 3f, 0f});
    Path path = directory.resolve("half.safetensors");
    SafetensorsWriter.write(
        path, Map.of("x", values.toType(DataType.valueOf(type), true)), Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      assertThat(reader.tensors().get("x").type()).isEqualTo(DataType.valueOf(type));
      assertThat(reader.read("x", DataType.FLOAT32, manager).toFloatArray())
          .containsExactly(1.5f, -0.25f, 3f, 0f);
      assertThatThrownBy(() -> reader.read("x", DataType.INT64, manager))
          .isInstanceOf(InputException.class);
    }
  }

  /** More than one piece of 8 MB, and the last one is not full. */
  @ParameterizedTest
  @ValueSource(strings = {"FLOAT32", "FLOAT16", "INT64"})
  void largeTensorsPassInPieces(String type) {
    NDArray values = manager.arange(0, 5_000_003, 1, DataType.INT64).reshape(1, -1);
    NDArray large = values.mod(1009).toType(DataType.valueOf(type), true);
    Path path = directory.resolve("large.safetensors");
    SafetensorsWriter.write(
        path, Map.of("x", large, "none", manager.zeros(new Shape(0))), Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      assertThat(reader.read("x", large.getDataType(), manager).contentEquals(large)).isTrue();
      assertThat(reader.read("none", DataType.FLOAT32, manager).getShape()).isEqualTo(new Shape(0));
      if (large.getDataType().isFloating()) {
        NDArray wide = reader.read("x", DataType.FLOAT32, manager);
        assertThat(wide.contentEquals(large.toType(DataType.FLOAT32, true))).isTrue();
      }
    }
  }

  /** What is read is not a view of what the reader reads next. */
  @Test
  void tensorsAreIndependentOfTheReader() {
    Path path = directory.resolve("two.safetensors");
    SafetensorsWriter.write(
        path, Map.of("a", manager.arange(3f), "b", manager.arange(3f).add(5)), Map.of());
    NDArray first;
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      first = reader.read("a", DataType.FLOAT32, manager);
      reader.read("b", DataType.FLOAT32, manager);
    }
    assertThat(first.toFloatArray()).containsExactly(0, 1, 2);
  }

  @Test
  void bfloat16IsWidened() throws IOException {
    Path path = file("{\"x\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4);
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      assertThat(reader.read("x", DataType.FLOAT32, manager).toFloatArray())
          .containsExactly(Float.intBitsToFloat(0x01000000), Float.intBitsToFloat(0x03020000));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[200],\"data_offsets\":[0,800]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "[1,2]",
        "{\"a\":",
      })
  void aHeaderThatDoesNotFitItsDataIsRefused(String header) throws IOException {
    Path path = file(header, 8);
    assertThatThrownBy(() -> SafetensorsReader.open(path))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("given.safetensors");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 3, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE})
  void aHeaderLengthBeyondTheFileIsRefusedBeforeAllocating(long promised) throws IOException {
    Path path = raw(promised, "{}".getBytes(StandardCharsets.UTF_8), 0);
    assertThatThrownBy(() -> SafetensorsReader.open(path)).isInstanceOf(InputException.class);
  }

  @Test
  void aMissingOrTinyFileIsAnInputError() throws IOException {
    assertThatThrownBy(() -> SafetensorsReader.open(directory.resolve("none")))
        .isInstanceOf(InputException.class);
    Path tiny = Files.write(directory.resolve("tiny"), new byte[] {1, 2});
    assertThatThrownBy(() -> SafetensorsReader.open(tiny)).isInstanceOf(InputException.class);
  }
}
