package io.recant.spark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFilesTest {

  @TempDir Path directory;

  @Test
  void weightsInPartsHaveOneHashThatEveryPartCountsFor() throws IOException {
    write("model-00001-of-00002.safetensors", "one");
    write("model-00002-of-00002.safetensors", "two");
    write("config.json", "{}");
    String hash = hash();
    write("config.json", "{ }");
    assertThat(hash()).as("it is of the weights alone").isEqualTo(hash);
    write("model-00002-of-00002.safetensors", "tow");
    assertThat(hash()).isNotEqualTo(hash);
  }

  @Test
  void oneFileHasItsOwnHash() throws IOException {
    write("model.safetensors", "abc");
    assertThat(hash())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void aDirectoryWithoutWeightsIsRefused() throws IOException {
    write("config.json", "{}");
    assertThatThrownBy(this::hash)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("neither model.safetensors nor parts of it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "adapter/config.json", "recant.sha256"})
  void aPublishedFileThatWasChangedIsNamed(String name) throws IOException {
    publish();
    Path file = directory.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, bytes);
    assertThatThrownBy(this::hash)
        .isInstanceOfSatisfying(
            InputException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContainingAll(directory.toString(), "--run-id");
  }

  @Test
  void aPublishedFileThatIsGoneIsNamed() throws IOException {
    publish();
    Files.delete(directory.resolve("model.safetensors"));
    assertThatThrownBy(this::hash)
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("model.safetensors", "is gone");
  }

  @Test
  void whatWasPublishedIsStaged() throws IOException {
    publish();
    assertThat(hash())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(directory.resolve("recant.sha256")).content().contains("  adapter/config.json\n");
  }

  private void publish() throws IOException {
    try (ModelFiles files = ModelFiles.empty()) {
      Files.writeString(files.local().resolve("model.safetensors"), "abc");
      Files.createDirectory(files.local().resolve("adapter"));
      Files.writeString(files.local().resolve("adapter/config.json"), "{}");
      files.publish(new org.apache.hadoop.fs.Path(directory.toUri()), new Configuration(false));
    }
  }

  private String hash() {
    try (ModelFiles files =
        ModelFiles.stage(
            new org.apache.hadoop.fs.Path(directory.toUri()), new Configuration(false))) {
      return files.weightsSha256();
    }
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }
}
