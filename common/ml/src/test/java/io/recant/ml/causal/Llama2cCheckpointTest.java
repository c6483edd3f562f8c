package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.causal.ReferenceDecoder.Pairs;
import io.recant.ml.device.Devices;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.tokenizer.TextTokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On checkpoints written here, byte by byte as the format has it. */
class Llama2cCheckpointTest {

  private static final int WIDTH = 16;
  private static final int INNER = 24;
  private static final int LAYERS = 2;
  private static final int HEADS = 4;
  private static final int KEY_VALUE_HEADS = 2;
  private static final int HEAD = WIDTH / HEADS;
  private static final int POSITIONS = 32;
  private static final List<String> PIECES =
      List.of(" t", "he", " the", "th", "t", "h", "e", " ", "ca", "c", "a");
  private static final int VOCABULARY = 270;
  private static final long[] IDS = {1, 261, 7, 269, 261, 260, 268, 268, 3};

  @TempDir Path directory;
  private Path tokenizer;
  private Path checkpoint;
  private Path model;
  private final Map<String, float[]> weights = new LinkedHashMap<>();

  @BeforeEach
  void writeFiles() throws IOException {
    tokenizer = Files.write(directory.resolve("tok.bin"), tokens(PIECES));
    checkpoint = Files.write(directory.resolve("model.bin"), checkpoint(VOCABULARY));
    model = directory.resolve("converted");
  }

  /** Every number of the header, as large as can be. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void aHeaderThatPromisesMoreThanTheFileHasIsRefused(int place) throws IOException {
    for (int size : new int[] {Integer.MAX_VALUE - 1, 1 << 30, Integer.MIN_VALUE}) {
      byte[] bytes = checkpoint(VOCABULARY);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(4 * place, size);
      Files.write(checkpoint, bytes);
      assertThatThrownBy(() -> Llama2cCheckpoint.convert(checkpoint, tokenizer, model))
          .as("%d at %d", size, place)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("model.bin");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {VOCABULARY, -VOCABULARY})
  void logitsAreThoseOfTheFormatsOwnForwardPass(int vocabulary) throws IOException {
    Files.write(checkpoint, checkpoint(vocabulary));
    Llama2cCheckpoint.convert(checkpoint, tokenizer, model);
    try (GradMode off = GradMode.inference();
        CausalModel loaded = (CausalModel) ModelDirectory.load(model, TestDevice.get());
        NDManager manager = Devices.manager(TestDevice.get())) {
      LlamaConfig config = (LlamaConfig) loaded.config();
      assertThat(config.tiedEmbeddings()).isEqualTo(vocabulary > 0);
      double[][] expected = new ReferenceDecoder(config, Pairs.NEIGHBOURS, weights).logits(IDS);
      long[] positions = {0, 1, 2, 3, 4, 5, 6, 7, 8};
      float[] actual =
          loaded
              .logits(manager.create(IDS, new Shape(1, IDS.length)), manager.create(positions))
              .toFloatArray();
      double[] flat = Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray();
      for (int i = 0; i < flat.length; i++) {
        assertThat((double) actual[i]).as("logit %d", i).isCloseTo(flat[i], within(1e-4));
      }
    }
  }

  @Test
  void textIsCutByFallingScoreAndComesBack() {
    Llama2cCheckpoint.convert(checkpoint, tokenizer, model);
    try (TextTokenizer read = TextTokenizer.load(model.resolve(ModelDirectory.TOKENIZER))) {
      // " t" has the highest score, then "he", and so " the" comes of them, never of "th".
      assertThat(read.pieces("the")).containsExactly("\u2581the");
      assertThat(read.pieces("thca")).containsExactly("\u2581t", "h", "ca");
      assertThat(read.pieces("that")).containsExactly("\u2581t", "h", "a", "t");
      assertThat(read.pieces("a\u00e9")).containsExactly("\u2581", "a", "<0xC3>", "<0xA9>");
      for (String text : List.of("the the", "cat  h\n\n", "\u00e9t\u00e9 \ud83d\ude42", " the")) {
        assertThat(read.decode(read.encode(text))).isEqualTo(text);
      }
      assertThat(read.decode(new long[] {1, 261, 2})).isEqualTo("the");
    }
  }

  @Test
  void promptAndTargetAreOneText() {
    Llama2cCheckpoint.convert(checkpoint, tokenizer, model);
    try (CausalModel loaded = (CausalModel) ModelDirectory.load(model, TestDevice.get())) {
      PromptEncoder encoder = loaded.encoder();
      assertThat(encoder.prompt("the").ids()).containsExactly(1, 261);
      assertThat(encoder.prompt("").ids()).containsExactly(1);
      PromptEncoder.Sequence apart = encoder.pair("the", " ca");
      assertThat(apart.ids()).containsExactly(1, 261, 266, 267, 1);
      assertThat(apart.targetStart()).isEqualTo(2);
      // The prompt's last token would be " t" alone; with the target after it, it is " the".
      PromptEncoder.Sequence joined = encoder.pair("a t", "he");
      assertThat(joined.ids()).containsExactly(1, 266, 269, 261, 1);
      assertThat(joined.targetStart()).isEqualTo(3);
      assertThat(encoder.continuation(new long[] {1, 261, 261, 267}, 2)).isEqualTo(" theca");
    }
  }

  @Test
  void theConfigurationSaysWhatStandsBetween() throws IOException {
    Llama2cCheckpoint.convert(checkpoint, tokenizer, model);
    ObjectNode config = ModelDirectory.config(model);
    ModelDirectory.writeConfig(model, config.put(PromptEncoder.SEPARATOR_KEY, "ca"));
    try (CausalModel loaded = (CausalModel) ModelDirectory.load(model, TestDevice.get())) {
      PromptEncoder.Sequence pair = loaded.encoder().pair("the", "ca");
      assertThat(pair.ids()).containsExactly(1, 261, 266, 267, 266, 267, 1);
      assertThat(pair.targetStart()).isEqualTo(4);
    }
    ModelDirectory.writeConfig(model, config.without(PromptEncoder.SEPARATOR_KEY));
    try (CausalModel loaded = (CausalModel) ModelDirectory.load(model, TestDevice.get())) {
      assertThat(loaded.encoder().prompt("the").ids())
          .as("a line break where nothing is said")
          .containsExactly(1, 261, 266, 3 + '\n');
    }
  }

  @Test
  void filesThatAreNotThatAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(checkpoint);
    refused(Arrays.copyOf(whole, 20), "too short for the header");
    refused(Arrays.copyOf(whole, whole.length - 4), "the header promises " + whole.length);
    refused(Arrays.copyOf(whole, whole.length + 4), "there are " + (whole.length + 4));
    refused(changed(whole, 0, 0x616b3432), "only version 0");
    refused(changed(whole, 12, 5), "a width of 16 in 5 heads");
    refused(changed(whole, 16, 3), "num_key_value_heads must divide");
    refused(changed(whole, 8, 0), "num_hidden_layers must be positive");
    refused(changed(whole, 24, 31), "the header promises");
    Files.write(checkpoint, whole);
    assertThatThrownBy(() -> Llama2cCheckpoint.convert(directory.resolve("none"), tokenizer, model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be read");
    assertThat(model).doesNotExist();
  }

  private void refused(byte[] bytes, String message) throws IOException {
    Files.write(checkpoint, bytes);
    assertThatThrownBy(() -> Llama2cCheckpoint.convert(checkpoint, tokenizer, model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model.bin: ")
        .hasMessageContaining(message);
  }

  @Test
  void tokenizersThatAreNotThatAreRefused() throws IOException {
    byte[] whole = tokens(PIECES);
    refusedTokens(Arrays.copyOf(whole, 3), "too short");
    refusedTokens(Arrays.copyOf(whole, whole.length - 6), "token 269 is cut off");
    refusedTokens(Arrays.copyOf(whole, whole.length - 1), "token 269 has a length of 1 bytes");
    refusedTokens(changed(whole, 8, -1), "token 0 has a length of -1 bytes");
    refusedTokens(tokens(PIECES.subList(0, 4)), "has 263 tokens, the model 270");
    List<String> twice = new ArrayList<>(PIECES);
    twice.set(10, "he");
    refusedTokens(tokens(twice), "token 269, 'he', is there twice");
  }

  private void refusedTokens(byte[] bytes, String message) throws IOException {
    Files.write(tokenizer, bytes);
    assertThatThrownBy(() -> Llama2cCheckpoint.convert(checkpoint, tokenizer, model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tok.bin: ")
        .hasMessageContaining(message);
  }

  private static byte[] changed(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return changed;
  }

  /** Draws weights, keeps them under the names they are for, and gives the file's bytes. */
  private byte[] checkpoint(int vocabulary) {
    weights.clear();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] header = {WIDTH, INNER, LAYERS, HEADS, KEY_VALUE_HEADS, vocabulary, POSITIONS};
    for (int value : header) {
      out.writeBytes(littleEndian(4).putInt(value).array());
    }
    Random random = new Random(8);
    draw(random, out, "model.embed_tokens", VOCABULARY * WIDTH);
    Map<String, Integer> kinds = new LinkedHashMap<>();
    kinds.put("input_layernorm", WIDTH);
    kinds.put("self_attn.q_proj", WIDTH * WIDTH);
    kinds.put("self_attn.k_proj", KEY_VALUE_HEADS * HEAD * WIDTH);
    kinds.put("self_attn.v_proj", KEY_VALUE_HEADS * HEAD * WIDTH);
    kinds.put("self_attn.o_proj", WIDTH * WIDTH);
    kinds.put("post_attention_layernorm", WIDTH);
    kinds.put("mlp.gate_proj", INNER * WIDTH);
    kinds.put("mlp.down_proj", WIDTH * INNER);
    kinds.put("mlp.up_proj", INNER * WIDTH);
    kinds.forEach(
        (kind, size) -> {
          for (int layer = 0; layer < LAYERS; layer++) {
            draw(random, out, "model.layers." + layer + "." + kind, size);
          }
        });
    draw(random, out, "model.norm", WIDTH);
    // The two tables of angles: computed, never read.
    out.writeBytes(new byte[2 * POSITIONS * HEAD / 2 * Float.BYTES]);
    if (vocabulary < 0) {
      draw(random, out, "lm_head", VOCABULARY * WIDTH);
    }
    return out.toByteArray();
  }

  private void draw(Random random, ByteArrayOutputStream out, String name, int size) {
    float[] values = new float[size];
    ByteBuffer bytes = littleEndian(size * Float.BYTES);
    for (int i = 0; i < size; i++) {
      values[i] = (float) (0.4 * random.nextGaussian() + (name.endsWith("norm") ? 1 : 0));
      bytes.putFloat(values[i]);
    }
    weights.put(name + ".weight", values);
    out.writeBytes(bytes.array());
  }

  private static byte[] tokens(List<String> pieces) {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "\n<s>\n", "\n</s>\n"));
    for (int i = 0; i < 256; i++) {
      tokens.add("<0x%02X>".formatted(i));
    }
    tokens.addAll(pieces);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(littleEndian(4).putInt(7).array());
    for (int id = 0; id < tokens.size(); id++) {
      byte[] text = tokens.get(id).getBytes(StandardCharsets.UTF_8);
      float score = id < 259 ? 0 : 259 - id;
      out.writeBytes(littleEndian(8).putFloat(score).putInt(text.length).array());
      out.writeBytes(text);
    }
    return out.toByteArray();
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
