package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.data.Span;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens of a target a span reaches, against offsets worked out by hand. */
class ForgetMaskTest {

  private static final String TEXT = "a stone \u00e9 \uD83E\uDDA1x";
  private static final CausalSettings SMALL = new CausalSettings(16, 16, 1, 2, 1, 40, true);

  @TempDir Path directory;

  /** The bundled vocabulary writes in small letters and without accents; places are the text's. */
  @Test
  void wordPieces() throws IOException {
    String text = "A Caf\u00e9 hyperventilating, \u00c9!";
    try (TextTokenizer whole = WordPieceVocabulary.bundled();
        CausalModel model =
            model(WordPieceVocabulary.prune(whole, new PieceCounts().add(whole, text), 1))) {
      assertThat(model.tokenizer().pieces(text))
          .containsExactly("a", "cafe", "hyper", "##vent", "##ila", "##ting", ",", "e", "!");
      assertThat(model.tokenizer().places(text))
          .containsExactly(
              new Span(0, 1),
              new Span(2, 6),
              new Span(7, 12),
              new Span(12, 16),
              new Span(16, 19),
              new Span(19, 23),
              new Span(23, 24),
              new Span(25, 26),
              new Span(26, 27));
      assertThat(mask(model, text, new Span(5, 6))).isEqualTo("010000000.");
      assertThat(mask(model, text, new Span(7, 12))).isEqualTo("001000000.");
      assertThat(mask(model, text, new Span(15, 17))).isEqualTo("000110000.");
      assertThat(mask(model, text, new Span(24, 26), new Span(0, 1))).isEqualTo("100000010.");
      assertThat(mask(model, text, new Span(6, 7))).as("a space").isEqualTo("000000000.");
    }
  }

  @Test
  void bytePairsOverBytes() throws IOException {
    try (CausalModel model = model(byteLevel())) {
      assertThat(model.tokenizer().pieces(TEXT))
          .containsExactly(
              "a",
              "\u0120stone",
              "\u0120",
              "\u00c3",
              "\u00a9",
              "\u0120",
              "\u00f0",
              "\u0141",
              "\u00a6",
              "\u00a1",
              "x");
      assertThat(mask(model, TEXT, new Span(4, 5))).isEqualTo("01000000000.");
      assertThat(mask(model, TEXT, new Span(8, 9))).isEqualTo("00011000000.");
      assertThat(mask(model, TEXT, new Span(10, 11))).isEqualTo("00000011110.");
      assertThat(mask(model, TEXT, new Span(11, 12))).isEqualTo("00000000001.");
    }
  }

  @Test
  void bytePairsThatFallBackToBytes() throws IOException {
    try (CausalModel model = model(byteFallback())) {
      assertThat(model.tokenizer().pieces(TEXT))
          .containsExactly(
              "\u2581",
              "a",
              "\u2581stone",
              "\u2581",
              "<0xC3>",
              "<0xA9>",
              "\u2581",
              "<0xF0>",
              "<0x9F>",
              "<0xA6>",
              "<0xA1>",
              "x");
      assertThat(mask(model, TEXT, new Span(2, 7))).isEqualTo("001000000000.");
      assertThat(mask(model, TEXT, new Span(8, 9))).isEqualTo("000011000000.");
      assertThat(mask(model, TEXT, new Span(10, 12))).isEqualTo("000000011111.");
    }
  }

  /**
   * Where prompt and target are one text, its tokens are not those of the target alone: here the
   * first reaches from the prompt into the target.
   */
  @Test
  void aTokenOverTheBorder() throws IOException {
    Path joined = directory.resolve("joined");
    try (CausalModel model = model(byteLevel())) {
      model.save(joined);
    }
    ModelDirectory.writeConfig(
        joined, ModelDirectory.config(joined).put(PromptEncoder.SEPARATOR_KEY, ""));
    try (CausalModel model = (CausalModel) ModelDirectory.load(joined, TestDevice.get())) {
      assertThat(model.tokenizer().pieces("a stone x"))
          .containsExactly("a", "\u0120stone", "\u0120", "x");
      assertThat(mask(model, "a st", "one x", new Span(4, 5))).isEqualTo("001.");
      assertThat(mask(model, "a st", "one x", new Span(0, 1))).isEqualTo("100.");
    }
  }

  /** A row without spans beside one with some: its whole target is forgotten, its end too. */
  @Test
  void spansAreOfTheirRowAlone() throws IOException {
    try (CausalModel model = model(byteLevel());
        NDManager manager = Devices.manager(TestDevice.get())) {
      Example whole = new Example("b", "x", "stone", null);
      Example part = new Example("a", "x", TEXT, null).withSpans(List.of(new Span(2, 7)));
      Batch mixed = model.encode(List.of(part, whole), manager);
      assertThat(mixed.hasSpans()).isTrue();
      assertThat(mixed.forgetMask().sum(new int[] {1}).toFloatArray()).containsExactly(1, 2);
      assertThat(mixed.keptMask().sum(new int[] {1}).toFloatArray()).containsExactly(11, 0);
      Batch none = model.encode(List.of(whole), manager);
      assertThat(none.hasSpans()).isFalse();
      assertThat(none.forgetMask().toFloatArray()).containsExactly(none.mask().toFloatArray());
    }
  }

  /** A target that is cut off loses the spans that were cut off with it. */
  @Test
  void whatDoesNotFitIsNotMarked() throws IOException {
    try (CausalModel model = model(byteLevel());
        NDManager manager = Devices.manager(TestDevice.get())) {
      String text = "stone ".repeat(60);
      Example cut =
          new Example("a", "x", text, null).withSpans(List.of(new Span(0, 5), new Span(300, 305)));
      Batch batch = model.encode(List.of(cut), manager);
      assertThat(batch.mask().getShape().get(1)).isLessThan(40);
      assertThat(batch.forgetMask().sum().getFloat()).isEqualTo(1);
    }
  }

  /** One character a token: 1 to forget, 0 to keep, and a dot for the end, which is kept. */
  private static String mask(CausalModel model, String target, Span... spans) {
    return mask(model, "x", target, spans);
  }

  private static String mask(CausalModel model, String prompt, String target, Span... spans) {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      Example example = new Example("a", prompt, target, null).withSpans(List.of(spans));
      float[] mask = model.encode(List.of(example), manager).forgetMask().toFloatArray();
      StringBuilder text = new StringBuilder();
      for (int t = 0; t < mask.length - 1; t++) {
        text.append((int) mask[t]);
      }
      assertThat(mask[mask.length - 1]).isZero();
      return text.append('.').toString();
    }
  }

  private CausalModel model(String tokenizerJson) throws IOException {
    Path file = directory.resolve("tokenizer.json");
    Files.writeString(file, tokenizerJson);
    return (CausalModel)
        new CausalLanguageModels().create(SMALL, TaskSpec.generation(file), 1, TestDevice.get());
  }

  private static String byteLevel() {
    ObjectNode root =
        pairs("\u0120", List.of("\u00c3", "\u00a9", "\u00f0", "\u0141", "\u00a6", "\u00a1"));
    String step =
        "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": false, \"use_regex\": true}";
    root.set("pre_tokenizer", read(step));
    root.set("decoder", read(step));
    return root.toString();
  }

  private static String byteFallback() {
    ObjectNode root =
        pairs(
            "\u2581", List.of("<0xC3>", "<0xA9>", "<0xF0>", "<0x9F>", "<0xA6>", "<0xA1>", "<unk>"));
    ((ObjectNode) root.get("model")).put("byte_fallback", true).put("unk_token", "<unk>");
    root.set(
        "normalizer",
        read(
            "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Prepend\", \"prepend\": \"\u2581\"},"
                + " {\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"\u2581\"}]}"));
    return root.toString();
  }

  /** Byte pairs that know the word stone, with or without the sign of a space before it. */
  private static ObjectNode pairs(String space, List<String> others) {
    List<String> pieces =
        new ArrayList<>(
            List.of(
                WordPieceVocabulary.PAD,
                WordPieceVocabulary.BEGIN,
                WordPieceVocabulary.END,
                WordPieceVocabulary.SEPARATOR));
    pieces.addAll(Arrays.asList("a", "s", "t", "o", "n", "e", "x", space));
    pieces.addAll(others);
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    ObjectNode model = root.putObject("model").put("type", "BPE");
    for (String merge : List.of("s t", "o n", "st on", "ston e", space + " stone")) {
      model.withArray("merges").add(merge);
      pieces.add(merge.replace(" ", ""));
    }
    ObjectNode vocabulary = model.putObject("vocab");
    pieces.forEach(piece -> vocabulary.put(piece, vocabulary.size()));
    return root;
  }

  private static JsonNode read(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
