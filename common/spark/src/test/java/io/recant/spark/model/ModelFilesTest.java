package io.recant.spark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
