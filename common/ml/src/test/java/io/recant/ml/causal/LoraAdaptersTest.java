package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameter;
import io.recant.ml.safetensors.SafetensorsReader;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraAdaptersTest {

  private static final String TOKENIZER =
      "{\"version\": \"1.0\", \"model\": {\"type\": \"WordLevel\","
          + " \"vocab\": {\"a\": 0, \"b\": 1}, \"unk_token\": \"a\"}}";
  private static final long[] IDS = {5, 9, 3, 60, 17, 22, 8, 41};
  private static final String LLAMA_QUERY = "model.layers.1.self_attn.q_proj";
  private static final String GPT2_QUERY = "transformer.h.1.attn.c_attn";

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "gpt2"})
  void newAdaptersChangeNothing(String name) throws Exception {
    CausalModel base = model(name);
    float[] before = logits(base);
    try (CausalModel adapted = LoraAdapters.attach(base, settings(name), 3)) {
      assertThat(logits(adapted)).containsExactly(before);
    }
  }

  /** Llama's matrices are (outputs, inputs), GPT-2's the other way round. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "gpt2"})
  void logitsAreThoseOfWeightsWithTheProductAdded(String name) throws Exception {
    LoraSettings settings = settings(name);
    try (CausalModel adapted = adapted(name);
        CausalModel plain = model(name)) {
      int adapters = 0;
      for (Parameter parameter : plain.parameters()) {
        String module = parameter.name().replaceAll("\\.weight$", "");
        if (settings.targets().stream().anyMatch(t -> module.endsWith("." + t))) {
          addProduct(plain, adapted, module, name.equals("gpt2"), settings);
          adapters++;
        }
      }
      assertThat(adapters).isEqualTo(2 * settings.targets().size());
      assertThat(logits(adapted)).containsExactly(logits(plain), within(1e-4f));
    }
  }

  /** W[o][i] += alpha / r sum_k B[o][k] A[k][i], number by number. */
  private static void addProduct(
      CausalModel plain, CausalModel adapted, String module, boolean first, LoraSettings settings) {
    NDArray down = adapted.parameters().get("base_model.model." + module + ".lora_A.weight");
    NDArray up = adapted.parameters().get("base_model.model." + module + ".lora_B.weight");
    int inputs = (int) down.getShape().get(1);
    int outputs = (int) up.getShape().get(0);
    float[] a = down.toFloatArray();
    float[] b = up.toFloatArray();
    NDArray weight = plain.parameters().get(module + ".weight");
    float[] sum = weight.toFloatArray();
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        double product = 0;
        for (int k = 0; k < settings.rank(); k++) {
          product += (double) b[o * settings.rank() + k] * a[k * inputs + i];
        }
        int at = first ? i * outputs + o : o * inputs + i;
        sum[at] += (float) (settings.alpha() / settings.rank() * product);
      }
    }
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      manager.create(sum, weight.getShape()).copyTo(weight);
    }
  }

  /** What learned adapters add to a weight is taken off it, not what negated factors would add. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2"})
  void negatedAdaptersTakeOffWhatWasLearned(String name) throws Exception {
    String weight = (name.equals("gpt2") ? GPT2_QUERY : LLAMA_QUERY) + ".weight";
    try (CausalModel learned = adapted(name);
        CausalModel fresh = LoraAdapters.attach(model(name), settings(name), 3)) {
      fresh.adapters().orElseThrow().negate(learned.adapters().orElseThrow(), 0.5);
      float[] base = fresh.parameters().get(weight).toFloatArray();
      float[] plus = merged(learned, weight);
      float[] minus = merged(fresh, weight);
      float moved = 0;
      for (int i = 0; i < base.length; i++) {
        assertThat(minus[i] - base[i]).isCloseTo(-0.5f * (plus[i] - base[i]), within(1e-5f));
        moved = Math.max(moved, Math.abs(minus[i] - base[i]));
      }
      assertThat(moved).as("something was learned").isGreaterThan(1e-3f);
      assertThatThrownBy(
              () -> fresh.adapters().orElseThrow().negate(learned.adapters().orElseThrow(), 1))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("add something");
    }
  }

  private static float[] merged(CausalModel adapted, String weight) {
    try (CausalModel merged = LoraAdapters.merge((CausalModel) adapted.copy())) {
      return merged.parameters().get(weight).toFloatArray();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "gpt2"})
  void mergedModelsGiveTheSameLogits(String name) throws Exception {
    Path directory = temporary.resolve("merged");
    CausalModel adapted = adapted(name);
    float[] expected = logits(adapted);
    NDManager owner = adapted.parameters().trainable().get(0).getManager();
    int before = owner.getManagedArrays().size();
    adapted.save(directory);
    assertThat(owner.getManagedArrays()).hasSize(before);
    try (CausalModel loaded = (CausalModel) ModelDirectory.load(directory, TestDevice.get());
        CausalModel merged = LoraAdapters.merge(adapted)) {
      assertThat(logits(loaded)).containsExactly(expected, within(1e-4f));
      assertThat(logits(merged)).containsExactly(logits(loaded), within(1e-6f));
      assertThat(merged.adapters()).isEmpty();
      int parameters = merged.decoder().shapes().size();
      assertThat(merged.parameters().trainable()).hasSize(parameters);
      owner = merged.parameters().trainable().get(0).getManager();
      assertThat(owner.getManagedArrays())
          .as("of the adapters nothing is left")
          .hasSize(parameters);
    }
  }

  /** With M = W + s B A: dA = s B' dM and dB = s dM A', where dM is a plain model's gradient. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2"})
  void gradientsReachTheAdaptersAlone(String name) throws Exception {
    boolean first = name.equals("gpt2");
    String module = first ? GPT2_QUERY : LLAMA_QUERY;
    LoraSettings settings = settings(name);
    try (CausalModel adapted = adapted(name);
        CausalModel copy = (CausalModel) adapted.copy();
        NDManager manager = Devices.manager(TestDevice.get())) {
      backward(adapted);
      for (Parameter parameter : adapted.parameters()) {
        boolean adapter = parameter.name().contains(".lora_");
        assertThat(parameter.trainable()).as(parameter.name()).isEqualTo(adapter);
        assertThat(parameter.value().hasGradient()).as(parameter.name()).isEqualTo(adapter);
      }
      try (CausalModel merged = LoraAdapters.merge(copy)) {
        backward(merged);
        NDArray stored = Autograd.gradient(merged.parameters().get(module + ".weight"), manager);
        NDArray matrix = first ? stored.transpose() : stored;
        NDArray down = array(adapted, module, "A");
        NDArray up = array(adapted, module, "B");
        float scale = (float) (settings.alpha() / settings.rank());
        assertThat(Autograd.gradient(down, manager).toFloatArray())
            .containsExactly(
                up.transpose().matMul(matrix).mul(scale).toFloatArray(), within(1e-4f));
        assertThat(Autograd.gradient(up, manager).toFloatArray())
            .containsExactly(
                matrix.matMul(down.transpose()).mul(scale).toFloatArray(), within(1e-4f));
      }
    }
  }

  @Test
  void seedsDecideTheFirstMatrixWhichIsUniform() throws Exception {
    LoraSettings wide = new LoraSettings(64, 16, List.of("v_proj"));
    try (CausalModel one = LoraAdapters.attach(model("llama"), wide, 3);
        CausalModel same = LoraAdapters.attach(model("llama"), wide, 3);
        CausalModel other = LoraAdapters.attach(model("llama"), wide, 4)) {
      float[] values = array(one, "model.layers.0.self_attn.v_proj", "A").toFloatArray();
      assertThat(values)
          .hasSize(64 * 16)
          .isEqualTo(array(same, "model.layers.0.self_attn.v_proj", "A").toFloatArray())
          .isNotEqualTo(array(other, "model.layers.0.self_attn.v_proj", "A").toFloatArray());
      double squares = 0;
      for (float value : values) {
        assertThat(Math.abs(value)).isLessThanOrEqualTo(0.25f);
        squares += value * value;
      }
      // A uniform variable on [-c, c] has a variance of c^2 / 3, here 1/48.
      assertThat(squares / values.length).isCloseTo(1 / 48.0, within(0.002));
      assertThat(array(one, "model.layers.0.self_attn.v_proj", "B").sum().getFloat()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2"})
  void adaptersAreKeptAsPeftKeepsThem(String name) throws Exception {
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    try (CausalModel adapted = adapted(name)) {
      LoraDirectory.save(adapted, first);
      float[] expected = logits(adapted);
      try (CausalModel loaded = LoraDirectory.load(model(name), first)) {
        assertThat(logits(loaded)).containsExactly(expected);
        assertThat(loaded.adapters().orElseThrow().settings()).isEqualTo(settings(name));
        LoraDirectory.save(loaded, second);
      }
    }
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      assertThat(second.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
    Map<String, Shape> shapes = new HashMap<>();
    try (SafetensorsReader reader =
        SafetensorsReader.open(first.resolve("adapter_model.safetensors"))) {
      reader.tensors().forEach((key, info) -> shapes.put(key, info.shape()));
    }
    ObjectNode config = ModelDirectory.read(first.resolve("adapter_config.json"));
    assertThat(config.get("peft_type").asText()).isEqualTo("LORA");
    assertThat(config.get("r").asInt()).isEqualTo(3);
    assertThat(config.get("lora_alpha").isIntegralNumber()).isTrue();
    assertThat(config.get("fan_in_fan_out").asBoolean()).isEqualTo(name.equals("gpt2"));
    String prefix = "base_model.model.";
    if (name.equals("gpt2")) {
      assertThat(shapes)
          .hasSize(8)
          .containsEntry(prefix + "transformer.h.0.attn.c_attn.lora_A.weight", new Shape(3, 16))
          .containsEntry(prefix + "transformer.h.0.attn.c_attn.lora_B.weight", new Shape(48, 3))
          .containsEntry(prefix + "transformer.h.1.mlp.c_fc.lora_B.weight", new Shape(64, 3));
    } else {
      assertThat(shapes)
          .hasSize(12)
          .containsEntry(prefix + "model.layers.0.self_attn.v_proj.lora_A.weight", new Shape(3, 16))
          .containsEntry(prefix + "model.layers.0.self_attn.v_proj.lora_B.weight", new Shape(8, 3))
          .containsEntry(prefix + "model.layers.1.mlp.down_proj.lora_A.weight", new Shape(3, 40));
    }
  }

  @Test
  void whatCannotBeAdaptedIsRefused() throws Exception {
    try (CausalModel gpt2 = model("gpt2")) {
      LoraSettings settings = new LoraSettings(3, 6, List.of("q_proj", "c_attn"));
      assertThatThrownBy(() -> LoraAdapters.attach(gpt2, settings, 1))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("[q_proj]")
          .hasMessageContaining("[c_attn, c_fc, c_proj]");
      Path directory = temporary.resolve("llama-adapters");
      try (CausalModel adapted = adapted("llama")) {
        LoraDirectory.save(adapted, directory);
      }
      assertThatThrownBy(() -> LoraDirectory.load(gpt2, directory))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("adapter_config.json: ")
          .hasMessageContaining("no projections of this model");
      assertThat(logits(gpt2)).as("a refused model is as it was").isNotEmpty();
    }
    refused("use_dora", "true");
    refused("use_rslora", "true");
    refused("peft_type", "\"IA3\"");
    refused("rank_pattern", "{\"q_proj\": 2}");
    refused("bias", "\"all\"");
    refused("init_lora_weights", "\"pissa\"");
    refused("modules_to_save", "[\"lm_head\"]");
    refused("target_modules", "\"all-linear\"");
    refused("r", "4");
  }

  private void refused(String key, String value) throws Exception {
    Path directory = temporary.resolve("refused");
    try (CausalModel adapted = adapted("llama");
        CausalModel base = model("llama")) {
      LoraDirectory.save(adapted, directory);
      Path file = directory.resolve("adapter_config.json");
      ObjectNode config = ModelDirectory.read(file);
      config.set(key, new ObjectMapper().readTree(value));
      ModelDirectory.write(file, config);
      assertThatThrownBy(() -> LoraDirectory.load(base, directory))
          .as("%s = %s", key, value)
          .isInstanceOf(InputException.class)
          .hasMessageContaining(directory.toString());
    }
  }

  private static LoraSettings settings(String name) {
    return name.equals("gpt2")
        ? new LoraSettings(3, 6, List.of("c_attn", "c_fc"))
        : new LoraSettings(3, 6, List.of("q_proj", "v_proj", "down_proj"));
  }

  /** A model with adapters whose B is drawn too, so that they count. */
  private CausalModel adapted(String name) throws Exception {
    CausalModel adapted = LoraAdapters.attach(model(name), settings(name), 3);
    Random random = new Random(12);
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      for (Parameter parameter : adapted.parameters()) {
        if (parameter.name().contains(".lora_B.")) {
          float[] values = new float[(int) parameter.value().size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
          }
          manager.create(values, parameter.value().getShape()).copyTo(parameter.value());
        }
      }
    }
    return adapted;
  }

  private static NDArray array(CausalModel model, String module, String which) {
    return model.parameters().get("base_model.model." + module + ".lora_" + which + ".weight");
  }

  private static float[] logits(CausalModel model) {
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      return logits(model, manager).toFloatArray();
    }
  }

  private static NDArray logits(CausalModel model, NDManager manager) {
    long[] positions = {0, 1, 2, 3, 4, 5, 6, 7};
    Shape shape = new Shape(1, IDS.length);
    return model.logits(manager.create(IDS, shape), manager.create(positions, shape));
  }

  private static void backward(CausalModel model) {
    try (GradMode on = GradMode.training();
        NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray labels = manager.create(new long[] {9, 3, 60, 17, 22, 8, 41, 2}, new Shape(1, 8));
      Autograd.backward(TokenLoss.logProbabilities(logits(model, manager), labels).sum().neg());
    }
  }

  private CausalModel model(String name) throws Exception {
    Path directory = temporary.resolve(name);
    if (!Files.exists(directory)) {
      Files.createDirectories(directory);
      for (String file : List.of(ModelDirectory.CONFIG, ModelDirectory.WEIGHTS)) {
        Files.copy(fixture(name).resolve(file), directory.resolve(file));
      }
      Files.writeString(directory.resolve(ModelDirectory.TOKENIZER), TOKENIZER);
    }
    return (CausalModel) ModelDirectory.load(directory, TestDevice.get());
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(LoraAdaptersTest.class.getResource("/decoders/" + name).toURI());
  }
}
