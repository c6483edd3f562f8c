package io.recant.jobs.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.spark.grid.CellContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CellStatesTest {

  @TempDir Path run;

  private Path folder() {
    return run.resolve("cells/train/training/a cell");
  }

  private CellStates states() {
    return CellStates.of(
        new CellContext(
            "cpu", new Configuration(), 1, "hash", new org.apache.hadoop.fs.Path(folder().toUri())),
        2.5);
  }

  private static void keep(CellStates states, String name, String content) throws IOException {
    states.keep(Files.writeString(states.directory().resolve(name), content));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".crc"))
          .toList();
    }
  }

  @Test
  void theNewestStateIsFoundByTheNextLife() throws IOException {
    try (CellStates first = states()) {
      assertThat(first.newest()).isEmpty();
      keep(first, "000000000009-b.safetensors", "nine");
      keep(first, "000000000010-a.safetensors", "ten");
      assertThat(files()).containsExactly("000000000010-a.safetensors");
      assertThat(first.directory()).isEmptyDirectory();
    }
    try (CellStates second = states()) {
      assertThat(second.newest().orElseThrow())
          .hasFileName("000000000010-a.safetensors")
          .hasContent("ten");
      assertThat(second.key()).isEqualTo("hash");
      assertThat(second.everyNanos()).isEqualTo(2_500_000_000L);
    }
  }

  /** A process may die at any point of keeping a state. */
  @Test
  void whatWasNotWholeIsNotFound() throws IOException {
    Files.createDirectories(folder());
    Files.writeString(folder().resolve("000000000012-c.safetensors.partial"), "twel");
    try (CellStates states = states()) {
      assertThat(states.newest()).isEmpty();
      keep(states, "000000000011-c.safetensors", "eleven");
      assertThat(states.newest().orElseThrow()).hasContent("eleven");
      assertThat(files()).containsExactly("000000000011-c.safetensors");
    }
  }
}
