package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameters;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read in parts is what is read at once: logits of every token, for every architecture. */
class KeyValueCacheTest {

  private static final int VOCABULARY = 61;

  /** Of the largest logit. */
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3", "gpt2"})
  void tokensReadOneByOneHaveTheLogitsOfTheWholeSequence(String name) throws Exception {
    long[][] ids = ids(2, 40);
    try (Decoding decoding = new Decoding(name)) {
      KeyValueCache cache = new KeyValueCache(decoding.manager, 2, 40);
      decoding.assertReads(cache, ids, new int[] {0, 0}, 7, 7);
      for (int at = 7; at < 40; at++) {
        decoding.assertReads(cache, ids, new int[] {at, at}, 1, 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3", "gpt2"})
  void rowsOfOtherLengthsDoNotChangeARow(String name) throws Exception {
    long[][] ids = ids(3, 40);
    int[] read = {3, 11, 6};
    try (Decoding decoding = new Decoding(name)) {
      KeyValueCache cache = new KeyValueCache(decoding.manager, 3, 40);
      decoding.assertReads(cache, ids, new int[3], read);
      decoding.assertReads(cache, ids, read, 4, 2, 1);
      read = new int[] {7, 13, 7};
      for (int step = 0; step < 12; step++) {
        decoding.assertReads(cache, ids, read, 1, 1, 1);
        read = Arrays.stream(read).map(i -> i + 1).toArray();
      }
      cache.keep(0, 2);
      long[][] left = {ids[0], ids[2]};
      read = new int[] {read[0], read[2]};
      for (int step = 0; step < 8; step++) {
        decoding.assertReads(cache, left, read, 1, 1);
        read = Arrays.stream(read).map(i -> i + 1).toArray();
      }
    }
  }

  @Test
  void aWindowForgetsWhatIsBeforeIt() throws Exception {
    long[][] ids = ids(1, 30);
    long[][] others = {ids[0].clone()};
    // Two layers of a window of 5 reach 8 tokens back.
    for (int i = 0; i < 21; i++) {
      others[0][i] = 3 + (ids[0][i] + 1) % 50;
    }
    try (Decoding decoding = new Decoding("mistral")) {
      float[] first = decoding.lastOfParts(ids);
      float[] second = decoding.lastOfParts(others);
      assertThat(second).containsExactly(first, within(1e-5f));
      others[0][21]++;
      assertThat(decoding.lastOfParts(others)[0]).isNotCloseTo(first[0], within(1e-4f));
    }
  }

  @Test
  void twoArraysALayerAreHeldHoweverMuchIsRead() throws Exception {
    long[][] ids = ids(2, 20);
    try (Decoding decoding = new Decoding("llama");
        NDManager owner = decoding.manager.newSubManager()) {
      KeyValueCache cache = new KeyValueCache(owner, 2, 20);
      for (int at = 0; at < 20; at++) {
        decoding.assertReads(cache, ids, new int[] {at, at}, 1, 1);
        assertThat(owner.getManagedArrays()).hasSize(2 * decoding.decoder.layers());
      }
      cache.keep(1);
      assertThat(owner.getManagedArrays()).hasSize(2 * decoding.decoder.layers());
    }
  }

  @Test
  void noMoreIsReadThanThereIsRoomFor() throws Exception {
    try (Decoding decoding = new Decoding("llama")) {
      KeyValueCache cache = new KeyValueCache(decoding.manager, 1, 5);
      decoding.assertReads(cache, ids(1, 5), new int[] {0}, 5);
      assertThatThrownBy(() -> cache.append(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("6 tokens in a cache of 5");
    }
  }

  private static long[][] ids(int rows, int length) {
    Random random = new Random(4);
    long[][] ids = new long[rows][];
    for (int row = 0; row < rows; row++) {
      ids[row] = random.longs(length, 3, VOCABULARY).toArray();
    }
    return ids;
  }

  /** A decoder with its parameters and the arrays of a test. */
  private static final class Decoding implements AutoCloseable {

    private final GradMode off = GradMode.inference();
    private final NDManager manager = Devices.manager(TestDevice.get());
    private final Decoder decoder;
    private final Parameters parameters;

    Decoding(String name) throws URISyntaxException {
      Path directory = Path.of(getClass().getResource("/decoders/" + name).toURI());
      decoder = Architecture.read(ModelDirectory.config(directory), name).decoder();
      parameters =
          Parameters.load(
              directory, decoder.shapes(), decoder::stored, decoder::isRedundant, manager);
    }

    /** Reads so many further tokens of each row, and holds their logits to those of all of it. */
    void assertReads(KeyValueCache cache, long[][] ids, int[] from, int... counts) {
      int length = Arrays.stream(counts).max().orElseThrow();
      long[][] part = new long[ids.length][length];
      for (int row = 0; row < ids.length; row++) {
        System.arraycopy(ids[row], from[row], part[row], 0, counts[row]);
      }
      NDArray logits = logits(part, cache.append(counts));
      for (int row = 0; row < ids.length; row++) {
        int end = from[row] + counts[row];
        long[][] whole = {Arrays.copyOf(ids[row], end)};
        float[] expected = logits(whole, Context.whole(end)).get(0).toFloatArray();
        float[] actual = logits.get(row).toFloatArray();
        double largest = 0;
        for (float value : expected) {
          largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < counts[row] * VOCABULARY; i++) {
          assertThat((double) actual[i])
              .as("row %d, token %d", row, from[row] + i / VOCABULARY)
              .isCloseTo(expected[from[row] * VOCABULARY + i], within(TOLERANCE * largest));
        }
      }
    }

    /** The logits of the last token, read after all others. */
    float[] lastOfParts(long[][] ids) {
      int length = ids[0].length;
      KeyValueCache cache = new KeyValueCache(manager, 1, length);
      logits(new long[][] {Arrays.copyOf(ids[0], length - 1)}, cache.append(length - 1));
      return logits(new long[][] {{ids[0][length - 1]}}, cache.append(1)).toFloatArray();
    }

    private NDArray logits(long[][] ids, Context context) {
      long[] flat = Arrays.stream(ids).flatMapToLong(Arrays::stream).toArray();
      NDArray array = manager.create(flat, new Shape(ids.length, ids[0].length));
      return decoder.logits(parameters::get, decoder.hidden(parameters::get, array, context));
    }

    @Override
    public void close() {
      manager.close();
      off.close();
    }
  }
}
