package io.recant.ml.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.StepException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a {@code .safetensors} file, one tensor at a time. Equal tensors and metadata give equal
 * bytes: wider types first, then by name, as Hugging Face's own writer orders them, so that every
 * tensor is aligned.
 */
public final class SafetensorsWriter {

  /** Metadata without which Hugging Face's loaders refuse a file: whose layout its tensors have. */
  public static final Map<String, String> PYTORCH_LAYOUT = Map.of("format", "pt");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** So many bytes at once leave the device. */
  private static final int CHUNK = 1 << 23;

  private SafetensorsWriter() {}

  /** A tensor whose bytes are made when their turn comes. */
  public interface Source {

    DataType type();

    Shape shape();

    /** How many bytes its elements take. */
    default long bytes() {
      return shape().size() * type().getNumOfBytes();
    }

    /** Writes its elements, little-endian, in row-major order. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /**
   * Writes the file whole or not at all: it appears under its name when it is complete.
   *
   * @param metadata kept under {@code __metadata__}; nothing is written for an empty one
   */
  public static void write(Path file, Map<String, NDArray> tensors, Map<String, String> metadata) {
    Map<String, Source> sources = new HashMap<>();
    tensors.forEach((name, array) -> sources.put(name, source(array)));
    stream(file, sources, metadata);
  }

  /** A float32 tensor as it is written in bfloat16. */
  public static Source inBFloat16(Source tensor) {
    return new BrainFloats(tensor);
  }

  /** The same from tensors that need not be in memory together. */
  public static void stream(Path file, Map<String, Source> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, Source>> order = new ArrayList<>(tensors.entrySet());
    order.sort(
        Comparator.comparingInt(
                (Map.Entry<String, Source> e) -> -e.getValue().type().getNumOfBytes())
            .thenComparing(Map.Entry::getKey));
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        writeHeader(channel, order, metadata);
        for (Map.Entry<String, Source> tensor : order) {
          long end = channel.position() + tensor.getValue().bytes();
          tensor.getValue().writeTo(channel);
          if (channel.position() != end) {
            throw new IOException(tensor.getKey() + " is not of the size of its shape");
          }
        }
        channel.force(true);
      }
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StepException("cannot write " + file, e);
    }
  }

  private static void writeHeader(
      FileChannel channel, List<Map.Entry<String, Source>> order, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode kept = header.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(kept::put);
    }
    long offset = 0;
    for (Map.Entry<String, Source> tensor : order) {
      ObjectNode info = header.putObject(tensor.getKey());
      info.put("dtype", TensorInfo.write(tensor.getValue().type()));
      ArrayNode shape = info.putArray("shape");
      for (long dimension : tensor.getValue().shape().getShape()) {
        shape.add(dimension);
      }
      long end = offset + tensor.getValue().bytes();
      info.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(padded).put(json);
    while (buffer.hasRemaining()) {
      buffer.put((byte) ' ');
    }
    writeFully(channel, buffer.flip());
  }

  /** The tensor of an array, which stays its owner's. */
  public static Source source(NDArray array) {
    return new Source() {
      @Override
      public DataType type() {
        return array.getDataType();
      }

      @Override
      public Shape shape() {
        return array.getShape();
      }

      @Override
      public void writeTo(WritableByteChannel channel) throws IOException {
        long count = array.getShape().size();
        long step = CHUNK / array.getDataType().getNumOfBytes();
        try (NDManager view = array.getManager().newSubManager()) {
          NDArray flat = array.reshape(-1);
          flat.attach(view);
          for (long from = 0; from < count; from += step) {
            // What is read from a GPU stays on the host until the manager of what was read ends.
            try (NDManager scope = view.newSubManager()) {
              NDArray part = flat.get(new NDIndex(from + ":" + Math.min(count, from + step)));
              part.attach(scope);
              writeFully(channel, part.toByteBuffer());
            }
          }
        }
      }
    };
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
