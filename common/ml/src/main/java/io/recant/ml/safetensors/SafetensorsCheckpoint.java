package io.recant.ml.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.error.InputException;
import io.recant.ml.files.BoundedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The tensors of a model directory: one {@code model.safetensors}, or several files and {@code
 * model.safetensors.index.json} that says where each tensor is. One tensor at a time is read.
 */
public final class SafetensorsCheckpoint implements AutoCloseable {

  /** The file of a checkpoint that is not split. */
  public static final String WHOLE = "model.safetensors";

  /** Where the tensors of a split one are. */
  public static final String INDEX = "model.safetensors.index.json";

  private static final int MOST_BYTES = 64 << 20;

  /** A name that stays in its directory, whatever the system. */
  private static final Pattern SHARD = Pattern.compile("[\\w-][\\w.-]*");

  /**
   * What frameworks keep weights in that may run code when it is read, or that is not read here.
   */
  private static final Pattern OTHERS = Pattern.compile(".*\\.(bin|pt|pth|ckpt|pkl|h5|msgpack)");

  private final Path where;
  private final Map<Path, SafetensorsReader> files;
  private final Map<String, SafetensorsReader> readers = new TreeMap<>();

  private SafetensorsCheckpoint(Path where, Map<Path, SafetensorsReader> files) {
    this.where = where;
    this.files = files;
  }

  /**
   * Opens a checkpoint and checks the header of each of its files.
   *
   * @throws InputException when there is none, a file is missing or wrong, or the index names a
   *     tensor that its file does not hold
   */
  public static SafetensorsCheckpoint open(Path directory) {
    Path index = directory.resolve(INDEX);
    Path whole = directory.resolve(WHOLE);
    boolean split = !Files.exists(whole) && Files.exists(index);
    if (!split && !Files.exists(whole)) {
      throw new InputException(whole + ": is missing" + inAnotherFormat(directory));
    }
    SafetensorsCheckpoint checkpoint =
        new SafetensorsCheckpoint(split ? index : whole, new LinkedHashMap<>());
    try {
      if (split) {
        checkpoint.add(index(index), directory);
      } else {
        checkpoint.addAll(whole);
      }
      return checkpoint;
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  private static String inAnotherFormat(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> OTHERS.matcher(name).matches())
          .sorted()
          .findFirst()
          .map(
              name ->
                  "; "
                      + name
                      + " is not read, for such files may run code: convert it to safetensors, as"
                      + " save_pretrained(directory, safe_serialization=True) of transformers does")
          .orElse("");
    } catch (IOException e) {
      throw new InputException(directory + ": cannot be listed", e);
    }
  }

  /**
   * Opens one file of any name and checks its header.
   *
   * @throws InputException when it is missing or wrong
   */
  public static SafetensorsCheckpoint openFile(Path file) {
    SafetensorsCheckpoint checkpoint = new SafetensorsCheckpoint(file, new LinkedHashMap<>());
    checkpoint.addAll(file);
    return checkpoint;
  }

  private void addAll(Path file) {
    SafetensorsReader reader = file(file);
    reader.tensors().keySet().forEach(name -> readers.put(name, reader));
  }

  private static JsonNode index(Path file) {
    try {
      JsonNode map =
          new ObjectMapper().readTree(BoundedFile.text(file, MOST_BYTES)).path("weight_map");
      if (!map.isObject() || map.isEmpty()) {
        throw new InputException(file + ": weight_map is missing");
      }
      return map;
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read as an index of tensors", e);
    }
  }

  private void add(JsonNode weightMap, Path directory) {
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      String file = entry.getValue().asText();
      if (!SHARD.matcher(file).matches()) {
        throw new InputException(where + ": '" + file + "' is not a file beside it");
      }
      SafetensorsReader reader = file(directory.resolve(file));
      if (!reader.tensors().containsKey(entry.getKey())) {
        throw new InputException(
            where + ": tensor '" + entry.getKey() + "' should be in " + file + ", and is not");
      }
      readers.put(entry.getKey(), reader);
    }
  }

  private SafetensorsReader file(Path file) {
    if (!Files.exists(file)) {
      throw new InputException(file + ": is missing");
    }
    return files.computeIfAbsent(file, SafetensorsReader::open);
  }

  /** The tensors by name. */
  public Map<String, TensorInfo> tensors() {
    Map<String, TensorInfo> tensors = new TreeMap<>();
    readers.forEach((name, reader) -> tensors.put(name, reader.tensors().get(name)));
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * Checks that the checkpoint holds these tensors in these shapes, and no others but redundant
   * ones.
   *
   * @throws InputException that lists what is missing, what is left over and what has another shape
   */
  public void require(Map<String, Shape> expected, Predicate<String> redundant) {
    TreeSet<String> missing = new TreeSet<>(expected.keySet());
    missing.removeAll(readers.keySet());
    TreeSet<String> leftOver = new TreeSet<>(readers.keySet());
    leftOver.removeAll(expected.keySet());
    leftOver.removeIf(redundant);
    TreeSet<String> misshapen = new TreeSet<>();
    tensors()
        .forEach(
            (name, found) -> {
              Shape shape = expected.get(name);
              if (shape != null && !found.shape().equals(shape)) {
                misshapen.add(name + " is " + found.shape() + ", not " + shape);
              }
            });
    if (!missing.isEmpty() || !leftOver.isEmpty() || !misshapen.isEmpty()) {
      throw new InputException(
          where
              + " does not hold the tensors of this model; missing: "
              + missing
              + "; left over: "
              + leftOver
              + "; of another shape: "
              + misshapen);
    }
  }

  /**
   * Reads one tensor, converted to {@code type} when it is stored in another floating type.
   *
   * @throws InputException when there is none of that name, or its type is of another kind
   */
  public NDArray read(String name, DataType type, NDManager manager) {
    SafetensorsReader reader = readers.get(name);
    if (reader == null) {
      throw new InputException(where + " has no tensor '" + name + "'");
    }
    return reader.read(name, type, manager);
  }

  @Override
  public void close() {
    Collection<SafetensorsReader> open = files.values();
    open.forEach(SafetensorsReader::close);
  }
}
