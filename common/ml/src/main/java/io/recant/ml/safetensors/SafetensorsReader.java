package io.recant.ml.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a {@code .safetensors} file: an 8-byte little-endian header length, a JSON header, then raw
 * tensors. The header is checked against the file before anything is allocated from it, and one
 * tensor at a time is read, so a file of any size takes the memory of the tensors asked for. One
 * thread at a time reads.
 */
public final class SafetensorsReader implements AutoCloseable {

  /** The format's own limit for a header. */
  private static final long MAX_HEADER = 100_000_000;

  /** So many bytes at once go to the device. */
  private static final int CHUNK = 1 << 23;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private ByteBuffer chunk;

  private SafetensorsReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    long size = channel.size();
    if (size < 8) {
      throw wrong("of " + size + " bytes is too short for a safetensors file");
    }
    long headerLength = buffer(0, 8).getLong();
    if (headerLength < 2 || headerLength > Math.min(MAX_HEADER, size - 8)) {
      throw wrong("promises a header of " + headerLength + " bytes in a file of " + size);
    }
    dataStart = 8 + headerLength;
    parse(buffer(8, (int) headerLength));
    checkLayout(size - dataStart);
  }

  /**
   * Opens a file and checks its header: every tensor's bytes are what its shape and type need, and
   * together they cover the data exactly, without gaps or overlaps.
   *
   * @throws InputException when the file is missing or is not that
   */
  public static SafetensorsReader open(Path file) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      return new SafetensorsReader(file, channel);
    } catch (IOException e) {
      close(channel, e);
      throw new InputException(file + ": cannot be read", e);
    } catch (RuntimeException e) {
      close(channel, e);
      throw e;
    }
  }

  private static void close(FileChannel channel, Exception reason) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /** The tensors by name, in the header's order. */
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** The header's {@code __metadata__}, empty when it has none. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /**
   * Reads one tensor, converted to {@code type} when it is stored in another floating type.
   *
   * @throws InputException when there is none of that name, or its type is of another kind
   */
  public NDArray read(String name, DataType type, NDManager manager) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw wrong("has no tensor '" + name + "'");
    }
    if (info.type() != type && !(info.type().isFloating() && type.isFloating())) {
      throw wrong("holds '" + name + "' as " + info.type() + ", where " + type + " is needed");
    }
    try {
      return filled(info, type, manager);
    } catch (IOException e) {
      throw new InputException(file + ": cannot read tensor '" + name + "'", e);
    }
  }

  /**
   * Piece by piece into memory of the engine's own. An array made from a Java buffer would keep
   * that buffer, and a model of such arrays would count against the JVM's limit for direct memory.
   */
  private NDArray filled(TensorInfo info, DataType type, NDManager manager) throws IOException {
    NDArray tensor = manager.create(info.shape(), type);
    int size = info.type().getNumOfBytes();
    long count = info.shape().size();
    try (NDManager scope = manager.newSubManager()) {
      NDArray flat = tensor.reshape(-1);
      flat.attach(scope);
      for (long from = 0; from < count; from += CHUNK / size) {
        long to = Math.min(count, from + CHUNK / size);
        try (NDManager pieces = scope.newSubManager()) {
          NDArray piece = piece(info, from * size, (int) (to - from), pieces);
          flat.set(new NDIndex(from + ":" + to), piece.toType(type, false));
        }
      }
    }
    return tensor;
  }

  private NDArray piece(TensorInfo info, long offset, int count, NDManager manager)
      throws IOException {
    ByteBuffer data = chunk(info.begin() + offset, count * info.type().getNumOfBytes());
    Shape shape = new Shape(count);
    if (info.type() == DataType.BFLOAT16) {
      return manager.create(widened(data), shape, DataType.FLOAT32);
    }
    return manager.create(data, shape, info.type());
  }

  /** Some bytes of the data, valid until the next call. */
  private ByteBuffer chunk(long position, int length) throws IOException {
    if (chunk == null || chunk.capacity() < length) {
      chunk = ByteBuffer.allocateDirect(length);
    }
    chunk.clear().limit(length);
    ByteBuffer part = chunk.slice().order(ByteOrder.LITTLE_ENDIAN);
    fill(part, dataStart + position);
    return part.flip();
  }

  /**
   * A bfloat16 is the upper half of a float32. DJL's native side aborts the JVM when asked for an
   * array of that type, so it is widened before it gets there.
   */
  private static ByteBuffer widened(ByteBuffer halves) {
    ByteBuffer floats =
        ByteBuffer.allocateDirect(2 * halves.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    while (halves.hasRemaining()) {
      floats.putInt(halves.getShort() << 16);
    }
    return floats.flip();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be closed", e);
    }
  }

  private void parse(ByteBuffer header) {
    String text = StandardCharsets.UTF_8.decode(header).toString();
    try {
      if (!(JSON.readTree(text) instanceof ObjectNode object)) {
        throw wrong("has a header that is no JSON object");
      }
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        if (entry.getKey().equals("__metadata__")) {
          entry
              .getValue()
              .properties()
              .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
        } else {
          tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue()));
        }
      }
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": the header is no JSON", e);
    }
  }

  private TensorInfo tensor(String name, JsonNode node) {
    String where = file + ": tensor '" + name + "'";
    DataType type = TensorInfo.parse(node.path("dtype").asText(), where);
    JsonNode offsets = node.path("data_offsets");
    JsonNode shape = node.path("shape");
    if (!shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw new InputException(where + ": shape or data_offsets are missing");
    }
    long[] dimensions = new long[shape.size()];
    long bytes = type.getNumOfBytes();
    try {
      for (int i = 0; i < dimensions.length; i++) {
        dimensions[i] = whole(shape.get(i), where);
        bytes = Math.multiplyExact(bytes, dimensions[i]);
      }
    } catch (ArithmeticException e) {
      throw new InputException(where + ": the shape " + shape + " overflows", e);
    }
    long begin = whole(offsets.get(0), where);
    long end = whole(offsets.get(1), where);
    if (end - begin != bytes) {
      throw new InputException(
          where + ": shape " + shape + " takes " + bytes + " bytes, data_offsets are " + offsets);
    }
    return new TensorInfo(name, type, new Shape(dimensions), begin, end);
  }

  private static long whole(JsonNode node, String where) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
      throw new InputException(where + ": " + node + " is not a whole number");
    }
    return node.longValue();
  }

  private void checkLayout(long available) {
    long reached = 0;
    List<TensorInfo> inOrder = new ArrayList<>(tensors.values());
    inOrder.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    for (TensorInfo tensor : inOrder) {
      if (tensor.begin() != reached) {
        throw wrong("has tensor '" + tensor.name() + "' at " + tensor.begin() + ", not " + reached);
      }
      reached = tensor.end();
    }
    if (reached != available) {
      throw wrong("holds " + available + " bytes of data, its header describes " + reached);
    }
  }

  private ByteBuffer buffer(long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    fill(buffer, position);
    return buffer.flip();
  }

  private void fill(ByteBuffer buffer, long position) throws IOException {
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, position + buffer.position());
      if (read < 0) {
        throw new EOFException(file + " ends early");
      }
    }
  }

  private InputException wrong(String what) {
    return new InputException(file + " " + what);
  }
}
