package io.recant.ml.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.error.InputException;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsCheckpointTest {

  @TempDir Path directory;
  private final NDManager manager = Devices.manager(TestDevice.get());

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
    for (String outside : List.of("..", "/one.safetensors", "a/../one.safetensors", "a\\\\b", "")) {
      index("{\"a\": \"" + outside + "\"}");
      refused("is not a file beside it");
    }
    index("{\"a\": \"one\\u0000.safetensors\"}");
    refused("is not a file beside it");
    Files.writeString(directory.resolve(SafetensorsCheckpoint.INDEX), "{}");
    refused("weight_map is missing");
    Files.writeString(directory.resolve(SafetensorsCheckpoint.INDEX), "{");
    refused("cannot be read as an index");
  }

  @Test
  void weightsThatMayRunCodeAreNotReadAndSaidToBeConverted() throws IOException {
    Files.writeString(directory.resolve("pytorch_model.bin"), "PK");
    refused(
        "pytorch_model.bin is not read, for such files may run code: convert it to safetensors");
  }

  /** Each file takes what fits, a tensor that does not fit has its own, and nothing old is left. */
  @Test
  void aLargeCheckpointIsSplitAndComesBackWhole() throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      tensors.put("t" + i, manager.arange(i == 2 ? 30f : 4f).add(i));
    }
    SafetensorsShards.write(directory, sources(tensors), Map.of("format", "pt"), 32);
    assertThat(files())
        .containsExactly(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            SafetensorsCheckpoint.INDEX);
    JsonNode index =
        new ObjectMapper().readTree(directory.resolve(SafetensorsCheckpoint.INDEX).toFile());
    assertThat(index.path("metadata").path("total_size").asLong()).isEqualTo(4 * (4 * 4 + 30));
    assertThat(index.path("weight_map").path("t2").asText()).startsWith("model-00002");
    assertThat(index.path("weight_map").path("t4").asText()).startsWith("model-00003");
    readsBack(tensors);

    SafetensorsShards.write(directory, sources(tensors), Map.of(), 160);
    assertThat(files()).hasSize(3).contains("model-00001-of-00002.safetensors");
    readsBack(tensors);
    SafetensorsShards.write(directory, sources(tensors), Map.of(), 4 * (4 * 4 + 30));
    assertThat(files()).containsExactly(SafetensorsCheckpoint.WHOLE);
    readsBack(tensors);
    SafetensorsShards.write(directory, sources(tensors), Map.of(), 32);
    assertThat(files()).hasSize(4).doesNotContain(SafetensorsCheckpoint.WHOLE);
    readsBack(tensors);
  }

  private static Map<String, SafetensorsWriter.Source> sources(Map<String, NDArray> tensors) {
    Map<String, SafetensorsWriter.Source> sources = new LinkedHashMap<>();
    tensors.forEach((name, array) -> sources.put(name, SafetensorsWriter.source(array)));
    return sources;
  }

  private void readsBack(Map<String, NDArray> tensors) {
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(directory)) {
      assertThat(checkpoint.tensors().keySet()).isEqualTo(tensors.keySet());
      tensors.forEach(
          (name, tensor) ->
              assertThat(checkpoint.read(name, DataType.FLOAT32, manager)).isEqualTo(tensor));
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
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
