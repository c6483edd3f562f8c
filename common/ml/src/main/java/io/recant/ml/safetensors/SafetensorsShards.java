package io.recant.ml.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.StepException;
import io.recant.ml.safetensors.SafetensorsWriter.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes what {@link SafetensorsCheckpoint} reads: one {@code model.safetensors}, or, where that
 * would be too large, {@code model-00001-of-00003.safetensors} and so on with an index, as Hugging
 * Face's libraries split them. Equal tensors in equal order give equal bytes.
 */
public final class SafetensorsShards {

  /** What Hugging Face's libraries put in one file at most, in bytes. */
  public static final long USUAL_SIZE = 5_000_000_000L;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SHARD = "model-%05d-of-%05d.safetensors";
  private static final String SHARDS = "glob:model-[0-9][0-9][0-9][0-9][0-9]-of-*.safetensors";

  private SafetensorsShards() {}

  /**
   * Writes a checkpoint in place of whatever checkpoint the directory held.
   *
   * @param tensors in the order in which they fill the files; none is split
   * @param metadata kept in every file
   * @param mostBytes of tensors in one file; a single tensor may be larger
   */
  public static void write(
      Path directory, Map<String, Source> tensors, Map<String, String> metadata, long mostBytes) {
    List<Map<String, Source>> shards = split(tensors, mostBytes);
    try {
      Files.createDirectories(directory);
      if (shards.size() <= 1) {
        SafetensorsWriter.stream(directory.resolve(SafetensorsCheckpoint.WHOLE), tensors, metadata);
        Files.deleteIfExists(directory.resolve(SafetensorsCheckpoint.INDEX));
        removeOthers(directory, Map.of());
        return;
      }
      Map<String, String> files = new TreeMap<>();
      for (int i = 0; i < shards.size(); i++) {
        String file = String.format(Locale.ROOT, SHARD, i + 1, shards.size());
        SafetensorsWriter.stream(directory.resolve(file), shards.get(i), metadata);
        shards.get(i).keySet().forEach(name -> files.put(name, file));
      }
      writeIndex(directory, files, bytes(tensors));
      Files.deleteIfExists(directory.resolve(SafetensorsCheckpoint.WHOLE));
      removeOthers(directory, files);
    } catch (IOException e) {
      throw new StepException("cannot write the tensors of " + directory, e);
    }
  }

  private static List<Map<String, Source>> split(Map<String, Source> tensors, long mostBytes) {
    List<Map<String, Source>> shards = new ArrayList<>();
    long filled = 0;
    for (Map.Entry<String, Source> tensor : tensors.entrySet()) {
      long bytes = tensor.getValue().bytes();
      if (shards.isEmpty() || filled + bytes > mostBytes) {
        shards.add(new LinkedHashMap<>());
        filled = 0;
      }
      shards.get(shards.size() - 1).put(tensor.getKey(), tensor.getValue());
      filled += bytes;
    }
    return shards;
  }

  private static long bytes(Map<String, Source> tensors) {
    return tensors.values().stream().mapToLong(Source::bytes).sum();
  }

  private static void writeIndex(Path directory, Map<String, String> files, long bytes)
      throws IOException {
    ObjectNode index = JSON.createObjectNode();
    index.putObject("metadata").put("total_size", bytes);
    ObjectNode map = index.putObject("weight_map");
    files.forEach(map::put);
    Path partial = directory.resolve(SafetensorsCheckpoint.INDEX + ".partial");
    Files.writeString(
        partial, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(index) + "\n");
    Files.move(
        partial,
        directory.resolve(SafetensorsCheckpoint.INDEX),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Shards of an earlier checkpoint, which no index names any more. */
  private static void removeOthers(Path directory, Map<String, String> files) throws IOException {
    var shard = directory.getFileSystem().getPathMatcher(SHARDS);
    try (Stream<Path> found = Files.list(directory)) {
      for (Path file : found.toList()) {
        if (shard.matches(file.getFileName())
            && !files.containsValue(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
  }
}
