package io.recant.ml.causal;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns a checkpoint of llama2.c (Karpathy 2023; {@code export.py --version 0}) and its tokenizer
 * into a model directory as {@code transformers} reads it.
 *
 * <p>The file is little-endian: seven 32-bit integers (width, feed-forward width, layers, heads,
 * key and value heads, vocabulary size, longest sequence), then float32 matrices in row-major
 * order: the embedding; over all layers one kind after another attention norms, queries, keys,
 * values, outputs, feed-forward norms, gates, downs, ups; the last norm; two tables of rotary
 * angles, which are computed here; and the output projection where it is not the embedding, which a
 * negative vocabulary size says.
 *
 * <p>Coordinates 2i and 2i + 1 of a head turn together there, i and i + d/2 here, so rows of
 * queries and keys change places. Texts are told apart by BOS alone there, so that is what ends a
 * text, and a prompt is continued without a separator.
 */
public final class Llama2cCheckpoint {

  private static final int HEADER = 7 * Integer.BYTES;

  /** "ak42": how versions above 0 begin. */
  private static final int LATER_VERSION = 0x616b3432;

  private static final double NORM_EPSILON = 1e-5;
  private static final double ROPE_THETA = 10_000;

  private final FileChannel channel;
  private final LlamaConfig config;
  private final Map<String, SafetensorsWriter.Source> tensors = new LinkedHashMap<>();
  private long position = HEADER;

  private Llama2cCheckpoint(Path file, FileChannel channel) throws IOException {
    this.channel = channel;
    config = config(file, channel);
    // Two norms and three matrices of each layer: names are made for them before sizes are
    // compared.
    double least =
        2.0 * config.hiddenSize() + 3.0 * config.hiddenSize() * config.intermediateSize();
    if (config.layers() * least * Float.BYTES > channel.size()) {
      throw new InputException(
          "%s: the header promises %d layers of width %d, for which %d bytes are too few"
              .formatted(file, config.layers(), config.hiddenSize(), channel.size()));
    }
    layOut();
    if (position != channel.size()) {
      throw new InputException(
          "%s: the header promises %d bytes (width %d, %d layers, vocabulary %d), there are %d"
              .formatted(
                  file,
                  position,
                  config.hiddenSize(),
                  config.layers(),
                  config.vocabularySize(),
                  channel.size()));
    }
  }

  /**
   * Writes {@code config.json}, {@code model.safetensors} and {@code tokenizer.json}, holding the
   * rows of one head at a time.
   *
   * @param checkpoint weights, such as {@code stories15M.bin}
   * @param tokenizer llama2.c's {@code tokenizer.bin}: see {@link Llama2cVocabulary}
   * @param directory where to; made if it is not there
   * @throws InputException when a file is not that, or the two do not belong together
   */
  public static void convert(Path checkpoint, Path tokenizer, Path directory) {
    try (FileChannel channel = open(checkpoint)) {
      Llama2cCheckpoint read = new Llama2cCheckpoint(checkpoint, channel);
      String vocabulary = Llama2cVocabulary.read(tokenizer, read.config.vocabularySize()).toJson();
      ModelDirectory.writeConfig(
          directory, read.config.toJson().put(PromptEncoder.SEPARATOR_KEY, ""));
      Files.writeString(directory.resolve(ModelDirectory.TOKENIZER), vocabulary);
      Parameters.save(directory, read.tensors);
    } catch (IOException e) {
      throw new StepException("cannot convert " + checkpoint + " to " + directory, e);
    }
  }

  private static FileChannel open(Path file) {
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read", e);
    }
  }

  private static LlamaConfig config(Path file, FileChannel channel) throws IOException {
    if (channel.size() < HEADER) {
      throw new InputException(file + ": too short for the header of a llama2.c checkpoint");
    }
    ByteBuffer header = read(channel, 0, HEADER);
    if (header.getInt(0) == LATER_VERSION) {
      throw new InputException(
          file + ": only version 0 of llama2.c's format is read; export it with --version 0");
    }
    int width = header.getInt();
    int inner = header.getInt();
    int layers = header.getInt();
    int heads = header.getInt();
    int keyValueHeads = header.getInt();
    int vocabulary = header.getInt();
    int positions = header.getInt();
    if (heads < 1 || width % heads != 0) {
      throw new InputException(file + ": a width of " + width + " in " + heads + " heads");
    }
    try {
      return new LlamaConfig(
          Architecture.LLAMA,
          Math.abs(vocabulary),
          width,
          inner,
          layers,
          heads,
          keyValueHeads,
          width / heads,
          positions,
          NORM_EPSILON,
          RotaryPositions.plain(ROPE_THETA),
          false,
          false,
          false,
          false,
          0,
          vocabulary > 0,
          Llama2cVocabulary.BEGIN,
          Llama2cVocabulary.BEGIN,
          Llama2cVocabulary.UNKNOWN);
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": not the header of a llama2.c checkpoint: " + e, e);
    }
  }

  private void layOut() {
    Map<String, Shape> shapes = config.decoder().shapes();
    whole(shapes, LlamaDecoder.EMBEDDING);
    for (String part :
        new String[] {
          "input_layernorm",
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "post_attention_layernorm",
          "mlp.gate_proj",
          "mlp.down_proj",
          "mlp.up_proj"
        }) {
      boolean turns = part.endsWith("q_proj") || part.endsWith("k_proj");
      for (int i = 0; i < config.layers(); i++) {
        String name = "model.layers." + i + "." + part + ".weight";
        if (turns) {
          take(name, new TurnedRows(position, shapes.get(name)));
        } else {
          whole(shapes, name);
        }
      }
    }
    whole(shapes, LlamaDecoder.NORM);
    position += (long) config.maximumPositions() * config.headSize() * Float.BYTES;
    if (!config.tiedEmbeddings()) {
      whole(shapes, LlamaDecoder.HEAD);
    }
  }

  private void whole(Map<String, Shape> shapes, String name) {
    take(name, new Rows(position, shapes.get(name)));
  }

  private void take(String name, Floats tensor) {
    tensors.put(name, tensor);
    position += tensor.bytes();
  }

  private static ByteBuffer read(FileChannel channel, long from, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("the checkpoint became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  /** A tensor of the file. */
  private abstract static class Floats implements SafetensorsWriter.Source {

    final long from;
    private final Shape shape;

    Floats(long from, Shape shape) {
      this.from = from;
      this.shape = shape;
    }

    @Override
    public DataType type() {
      return DataType.FLOAT32;
    }

    @Override
    public Shape shape() {
      return shape;
    }
  }

  /** As it is. */
  private final class Rows extends Floats {

    Rows(long from, Shape shape) {
      super(from, shape);
    }

    @Override
    public void writeTo(WritableByteChannel target) throws IOException {
      for (long done = 0; done < bytes(); ) {
        done += channel.transferTo(from + done, bytes() - done, target);
      }
    }
  }

  /** Head by head the rows of even numbers, then those of odd ones. */
  private final class TurnedRows extends Floats {

    TurnedRows(long from, Shape shape) {
      super(from, shape);
    }

    @Override
    public void writeTo(WritableByteChannel target) throws IOException {
      int row = Math.toIntExact(shape().get(1) * Float.BYTES);
      int head = Math.multiplyExact(config.headSize(), row);
      for (long at = 0; at < bytes(); at += head) {
        ByteBuffer given = read(channel, from + at, head);
        ByteBuffer turned = ByteBuffer.allocate(head);
        for (int first = 0; first < 2; first++) {
          for (int i = first; i < config.headSize(); i += 2) {
            turned.put(given.slice(i * row, row));
          }
        }
        turned.flip();
        while (turned.hasRemaining()) {
          target.write(turned);
        }
      }
    }
  }
}
