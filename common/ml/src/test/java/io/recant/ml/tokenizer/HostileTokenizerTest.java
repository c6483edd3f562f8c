package io.recant.ml.tokenizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@code tokenizer.json} of anyone's. */
class HostileTokenizerTest {

  @ParameterizedTest
  @ValueSource(strings = {"-1", "2147483647", "4294967296", "1.5", "\"1\"", "null"})
  void anIdThatIsNoIdIsRefused(String id) {
    String json =
        "{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": %s}, \"unk_token\": \"a\"}}"
            .formatted(id);
    assertThatThrownBy(() -> TextTokenizer.parse(json, "here"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("here: not a tokenizer.json: the id of 'a' is");
  }

  @Test
  void aNestOrAFileTooLargeIsRefused(@TempDir Path directory) throws IOException {
    assertThatThrownBy(() -> TextTokenizer.parse("[".repeat(100_000), "here"))
        .isInstanceOf(InputException.class);
    Path large = directory.resolve("tokenizer.json");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    assertThatThrownBy(() -> TextTokenizer.load(large))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("larger than");
  }
}
