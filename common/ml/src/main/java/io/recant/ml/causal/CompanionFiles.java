package io.recant.ml.causal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.ml.files.BoundedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The small texts of a Hugging Face model directory that belong to a model whatever is done to its
 * weights: its special tokens, how it generates, how a chat with it is laid out. They are written
 * as they were read, byte for byte.
 *
 * @param directory where they are from, for messages
 * @param contents by file name; only those that are there
 */
record CompanionFiles(String directory, Map<String, byte[]> contents) {

  static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  static final String SPECIAL_TOKENS = "special_tokens_map.json";
  static final String GENERATION_CONFIG = "generation_config.json";
  static final String CHAT_TEMPLATE = "chat_template.jinja";

  /** A model that was made here has none. */
  static final CompanionFiles NONE = new CompanionFiles("", Map.of());

  private static final List<String> NAMES =
      List.of(
          TOKENIZER_CONFIG, SPECIAL_TOKENS, GENERATION_CONFIG, CHAT_TEMPLATE, "added_tokens.json");

  /** They are held as long as the model. */
  private static final int MOST_BYTES = 4 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads those of a directory.
   *
   * @throws InputException when one cannot be read, or is too large to be what its name says
   */
  static CompanionFiles read(Path directory) {
    Map<String, byte[]> contents = new TreeMap<>();
    for (String name : NAMES) {
      Path file = directory.resolve(name);
      if (Files.exists(file)) {
        contents.put(name, BoundedFile.bytes(file, MOST_BYTES));
      }
    }
    return new CompanionFiles(directory.toString(), contents);
  }

  /** Writes them into a directory that is there. */
  void write(Path directory) {
    contents.forEach(
        (name, bytes) -> {
          try {
            Files.write(directory.resolve(name), bytes);
          } catch (IOException e) {
            throw new StepException("cannot write " + directory.resolve(name), e);
          }
        });
  }

  /** The text of one, if it is there. */
  Optional<String> text(String name) {
    return Optional.ofNullable(contents.get(name))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /**
   * One as JSON; a missing node where it is not there.
   *
   * @throws InputException when it is no JSON
   */
  JsonNode json(String name) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(text.get());
    } catch (JsonProcessingException e) {
      throw new InputException(where(name) + ": not JSON", e);
    }
  }

  /** The path of one, for messages. */
  String where(String name) {
    return Path.of(directory, name).toString();
  }
}
