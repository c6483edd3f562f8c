package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsCheckpoint;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every architecture against what {@code transformers} computes with the same weights: see {@code
 * src/test/python/make_decoder_fixtures.py}.
 */
class ParityTest {

  private static final double TOLERANCE = 1e-4;
  private static final String TOKENIZER =
      "{\"version\": \"1.0\", \"model\": {\"type\": \"WordLevel\","
          + " \"vocab\": {\"a\": 0, \"b\": 1}, \"unk_token\": \"a\"}}";

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3", "gpt2"})
  void logitsLossAndGradientsAreThoseOfTransformers(String name) throws Exception {
    Path directory = directory(name);
    JsonNode expected = new ObjectMapper().readTree(directory.resolve("expected.json").toFile());
    Decoder decoder = Architecture.read(ModelDirectory.config(directory), name).decoder();
    try (GradMode on = GradMode.training();
        NDManager manager = Devices.manager(TestDevice.get())) {
      Parameters parameters =
          Parameters.load(
              directory, decoder.shapes(), decoder::stored, decoder::isRedundant, manager);
      long[][] rows = rows(expected.get("ids"));
      int length = rows[0].length;
      NDArray ids = manager.create(flat(rows, 0, length), new Shape(rows.length, length));
      NDArray logits =
          decoder.logits(
              parameters::get, decoder.hidden(parameters::get, ids, Context.whole(length)));

      assertLogits(logits.get(0), expected.get("logits"));

      NDArray labels = manager.create(flat(rows, 1, length), new Shape(rows.length, length - 1));
      NDArray predicted = logits.get(":, 0:" + (length - 1));
      NDArray loss = TokenLoss.logProbabilities(predicted, labels).mean().neg();
      assertThat((double) loss.getFloat())
          .isCloseTo(expected.get("loss").asDouble(), within(TOLERANCE));
      Autograd.backward(loss);
      assertThat(expected.get("gradients")).hasSize(2);
      for (var entry : expected.get("gradients").properties()) {
        float[] gradient =
            Autograd.gradient(parameters.get(entry.getKey()), manager).toFloatArray();
        double norm = expected.get("norms").get(entry.getKey()).asDouble();
        assertThat(norm(gradient)).isCloseTo(norm, within(TOLERANCE * norm));
        for (int i = 0; i < entry.getValue().size(); i++) {
          assertThat((double) gradient[i])
              .as("%s[%d]", entry.getKey(), i)
              .isCloseTo(entry.getValue().get(i).asDouble(), within(TOLERANCE * norm));
        }
      }
    }
  }

  /**
   * A directory of transformers' comes back as one that transformers can read: {@code
   * src/test/python/check_written_decoders.py} holds it to that, where Python has transformers.
   */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3", "gpt2"})
  void whatIsReadIsWrittenAgain(String name) throws Exception {
    Path given = Files.createDirectories(temporary.resolve(name));
    for (String file : List.of(ModelDirectory.CONFIG, ModelDirectory.WEIGHTS)) {
      Files.copy(directory(name).resolve(file), given.resolve(file));
    }
    Files.writeString(given.resolve(ModelDirectory.TOKENIZER), TOKENIZER);
    Path written = Path.of("target", "written-decoders", name);
    try (Model model = ModelDirectory.load(given, TestDevice.get())) {
      model.save(written);
      writeLogits((CausalModel) model, written.resolve("ours.json"));
    }
    assertThat(ModelDirectory.config(written)).isEqualTo(ModelDirectory.config(given));
    try (SafetensorsCheckpoint before = SafetensorsCheckpoint.open(given);
        SafetensorsCheckpoint after = SafetensorsCheckpoint.open(written);
        NDManager manager = Devices.manager(TestDevice.get())) {
      assertThat(after.tensors().keySet()).isEqualTo(before.tensors().keySet());
      for (String tensor : after.tensors().keySet()) {
        assertThat(after.read(tensor, DataType.FLOAT32, manager).toFloatArray())
            .containsExactly(before.read(tensor, DataType.FLOAT32, manager).toFloatArray());
      }
    }
  }

  private static void writeLogits(CausalModel model, Path file) throws IOException {
    long[] ids = {5, 9, 3, 60, 17, 22, 8, 41};
    long[] positions = {0, 1, 2, 3, 4, 5, 6, 7};
    ObjectNode ours = new ObjectMapper().createObjectNode();
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      float[] logits =
          model
              .logits(
                  manager.create(ids, new Shape(1, ids.length)),
                  manager.create(positions, new Shape(1, ids.length)))
              .toFloatArray();
      ours.set("ids", new ObjectMapper().valueToTree(ids));
      ours.set("logits", new ObjectMapper().valueToTree(logits));
    }
    Files.writeString(file, ours.toString());
  }

  @Test
  void aModelThatCannotBeUsedIsRefused() throws Exception {
    Path given = Files.createDirectories(temporary.resolve("broken"));
    Files.copy(
        directory("llama").resolve(ModelDirectory.CONFIG), given.resolve(ModelDirectory.CONFIG));
    Files.writeString(
        given.resolve(ModelDirectory.TOKENIZER), TOKENIZER.replace("\"b\": 1", "\"b\": 61"));
    assertThatThrownBy(() -> ModelDirectory.load(given, TestDevice.get()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the tokenizer has 62 tokens, the model 61");
    Files.writeString(given.resolve(ModelDirectory.TOKENIZER), TOKENIZER);
    try (NDManager manager = Devices.manager(TestDevice.get());
        SafetensorsCheckpoint whole = SafetensorsCheckpoint.open(directory("llama"))) {
      Map<String, NDArray> tensors = new TreeMap<>();
      for (String name : whole.tensors().keySet()) {
        tensors.put(name, whole.read(name, DataType.FLOAT32, manager));
      }
      tensors.get("model.norm.weight").muli(Float.NaN);
      SafetensorsWriter.write(given.resolve(ModelDirectory.WEIGHTS), tensors, Map.of());
    }
    assertThatThrownBy(() -> ModelDirectory.load(given, TestDevice.get()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tensor 'model.norm.weight' holds NaN");
  }

  @Test
  void whatIsNotComputedIsRefusedByName() throws Exception {
    refused("llama", "model_type", "falcon", "causal-lm knows");
    refused("llama", "hidden_act", "gelu", "hidden_act = \"gelu\"");
    refused("llama", "num_attention_heads", "many", "num_attention_heads is missing or not");
    refused("gpt2", "activation_function", "relu", "activation_function = \"relu\"");
    ObjectNode stretched = ModelDirectory.config(directory("llama3"));
    ((ObjectNode) stretched.get("rope_scaling")).put("rope_type", "yarn");
    assertThatThrownBy(() -> Architecture.read(stretched, "here"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("yarn");
    ObjectNode sliding = ModelDirectory.config(directory("qwen2")).put("use_sliding_window", true);
    assertThatThrownBy(() -> Architecture.read(sliding, "here"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("use_sliding_window = true");
  }

  /** A configuration may say anything; nothing is allocated before the weights agree. */
  @Test
  void sizesTheWeightsDoNotHaveAreRefused() throws Exception {
    Path given = Files.createDirectories(temporary.resolve("sizes"));
    Files.writeString(given.resolve(ModelDirectory.TOKENIZER), TOKENIZER);
    Files.copy(
        directory("llama").resolve(ModelDirectory.WEIGHTS), given.resolve(ModelDirectory.WEIGHTS));
    for (String key :
        List.of(
            "num_hidden_layers",
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "num_key_value_heads",
            "head_dim")) {
      ObjectNode config = ModelDirectory.config(directory("llama"));
      for (int size : new int[] {2_147_483_646, 1_000_000_000, 0, -1}) {
        ModelDirectory.writeConfig(given, config.put(key, size));
        assertThatThrownBy(() -> ModelDirectory.load(given, TestDevice.get()))
            .as("%s: %d", key, size)
            .isInstanceOf(InputException.class);
      }
      ModelDirectory.writeConfig(given, config.put(key, 1L << 31));
      assertThatThrownBy(() -> ModelDirectory.load(given, TestDevice.get()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(key);
    }
    ModelDirectory.writeConfig(
        given, ModelDirectory.config(directory("llama")).put("num_hidden_layers", 1_000_000_000));
    assertThatThrownBy(() -> ModelDirectory.load(given, TestDevice.get()))
        .hasMessageContaining("there are to be 1000000000 layers, and the weights are");
  }

  /** As newer versions of transformers write it. */
  @Test
  void rotaryParametersAreReadFromEitherPlace() throws Exception {
    ObjectNode newer = ModelDirectory.config(directory("llama3"));
    ObjectNode parameters = newer.remove("rope_scaling").deepCopy();
    parameters.set("rope_theta", newer.remove("rope_theta"));
    newer.set("rope_parameters", parameters);

    assertThat(Architecture.read(newer, "here"))
        .isEqualTo(Architecture.read(ModelDirectory.config(directory("llama3")), "here"));
  }

  @Test
  void severalTokensMayEndATextAndNoneHasToOpenIt() throws Exception {
    ObjectNode config = ModelDirectory.config(directory("qwen2"));
    config.putNull("bos_token_id").putArray("eos_token_id").add(7).add(2);
    DecoderConfig read = Architecture.read(config, "here");

    assertThat(read.bosId()).isEqualTo(DecoderConfig.NO_TOKEN);
    assertThat(read.eosId()).isEqualTo(7);
  }

  private static void refused(String name, String key, String value, String message)
      throws URISyntaxException {
    ObjectNode config = ModelDirectory.config(directory(name)).put(key, value);
    assertThatThrownBy(() -> Architecture.read(config, "here"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("here: ")
        .hasMessageContaining(message);
  }

  private static void assertLogits(NDArray row, JsonNode expected) {
    int[] positions = {0, 7, 18};
    double largest = Math.max(row.max().getFloat(), -row.min().getFloat());
    for (int i = 0; i < positions.length; i++) {
      float[] actual = row.get(positions[i]).toFloatArray();
      for (int v = 0; v < actual.length; v++) {
        assertThat((double) actual[v])
            .as("position %d, token %d", positions[i], v)
            .isCloseTo(expected.get(i).get(v).asDouble(), within(TOLERANCE * largest));
      }
    }
  }

  private static double norm(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  private static long[][] rows(JsonNode node) {
    List<long[]> rows = new ArrayList<>();
    for (JsonNode row : node) {
      long[] ids = new long[row.size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = row.get(i).asLong();
      }
      rows.add(ids);
    }
    return rows.toArray(long[][]::new);
  }

  private static long[] flat(long[][] rows, int from, int to) {
    long[] flat = new long[rows.length * (to - from)];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], from, flat, row * (to - from), to - from);
    }
    return flat;
  }

  private static Path directory(String name) throws URISyntaxException {
    return Path.of(ParityTest.class.getResource("/decoders/" + name).toURI());
  }
}
