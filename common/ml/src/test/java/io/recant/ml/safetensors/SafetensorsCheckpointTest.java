package io.recant.ml.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.ml.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsCheckpointTest {

  @TempDir Path directory;
  private final NDManager manager = Devices.manager(Device.cpu());

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void saysWhichTensorsAreMissingLeftOverAndMisshapen() {
    write(SafetensorsCheckpoint.WHOLE, "a", "spare", "mask");
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(directory)) {
      assertThatThrownBy(
              () ->
                  checkpoint.require(
                      Map.of("a", new Shape(3), "absent", new Shape(1)), "mask"::equals))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("missing: [absent]")
          .hasMessageContaining("left over: [spare]")
          .hasMessageContaining("a is (2), not (3)");
      checkpoint.require(Map.of("a", new Shape(2), "spare", new Shape(2)), "mask"::equals);
    }
  }

  @Test
  void tensorsAreFoundInTheFileTheIndexNames() throws IOException {
    write("one.safetensors", "a");
    write("two.safetensors", "b", "c");
    index("{\"a\": \"one.safetensors\", \"b\": \"two.safetensors\", \"c\": \"two.safetensors\"}");
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(directory)) {
      assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b", "c");
      assertThat(checkpoint.read("c", DataType.FLOAT32, manager).toFloatArray())
          .containsExactly(1, 1);
      assertThatThrownBy(() -> checkpoint.read("d", DataType.FLOAT32, manager))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no tensor 'd'");
    }
  }

  @Test
  void anIndexThatDoesNotFitItsFilesIsRefused() throws IOException {
    write("one.safetensors", "a");
    assertThatThrownBy(() -> SafetensorsCheckpoint.open(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model.safetensors: is missing");
    index("{\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}");
    refused("two.safetensors: is missing");
    index("{\"a\": \"one.safetensors\", \"b\": \"one.safetensors\"}");
    refused("tensor 'b' should be in one.safetensors, and is not");
    index("{\"a\": \"../one.safetensors\"}");
    refused("'../one.safetensors' is not a file beside it");
    Files.writeString(directory.resolve(SafetensorsCheckpoint.INDEX), "{}");
    refused("weight_map is missing");
    Files.writeString(directory.resolve(SafetensorsCheckpoint.INDEX), "{");
    refused("cannot be read as an index");
  }

  private void refused(String message) {
    assertThatThrownBy(() -> SafetensorsCheckpoint.open(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private void index(String weightMap) throws IOException {
    Files.writeString(
        directory.resolve(SafetensorsCheckpoint.INDEX), "{\"weight_map\": " + weightMap + "}");
  }

  private void write(String file, String... names) {
    Map<String, ai.djl.ndarray.NDArray> tensors = new java.util.TreeMap<>();
    for (String name : names) {
      tensors.put(name, manager.ones(new Shape(2)));
    }
    SafetensorsWriter.write(directory.resolve(file), tensors, Map.of());
  }
}
