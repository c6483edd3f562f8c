package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.ModelDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationTest {

  private static final int VOCABULARY = 61;
  private static final List<String> PROMPTS =
      List.of("w5", "w9 w3 w60 w17 w22 w8 w41", "w30 w31", "w5", "w44 w43 w42 w41 w40");

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "mistral", "qwen2", "qwen3", "gpt2"})
  void anAnswerDoesNotDependOnItsBatch(String name) throws Exception {
    try (CausalModel model = model(name, 2)) {
      List<String> greedy = answers(model, GenerationSettings.greedy(30));
      for (int i = 0; i < PROMPTS.size(); i++) {
        assertThat(greedy.get(i)).isEqualTo(mostLikely(model, PROMPTS.get(i), 30));
      }
      assertThat(answers(model, settings(0, 30, 1, 0))).isEqualTo(greedy);
      assertThat(answers(model, settings(0, 30, 2, 0))).isEqualTo(greedy);
      List<String> drawn = answers(model, settings(1, 30, 16, 7));
      assertThat(answers(model, settings(1, 30, 1, 7))).isEqualTo(drawn);
      assertThat(answers(model, settings(1, 30, 2, 7))).isEqualTo(drawn);
    }
  }

  /** Of the whole sequence, read anew for every token. */
  private static String mostLikely(CausalModel model, String prompt, int most) {
    long[] ids = model.encoder().prompt(prompt).ids();
    int start = ids.length;
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      while (ids.length - start < most) {
        long next =
            model
                .logits(
                    manager.create(ids, new Shape(1, ids.length)),
                    manager.create(new long[] {ids.length - 1}))
                .argMax(-1)
                .getLong();
        if (next == model.config().eosId()) {
          break;
        }
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = next;
      }
    }
    return model.tokenizer().decode(Arrays.copyOfRange(ids, start, ids.length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2"})
  void anAnswerEndsWhereThePositionsDo(String name) throws Exception {
    try (CausalModel model = model(name, VOCABULARY)) {
      for (String prompt : PROMPTS) {
        String answer =
            new Generation(model, GenerationSettings.greedy(1000))
                .continuations(List.of(prompt))
                .get(0);
        int tokens = model.encoder().prompt(prompt).ids().length + answer.split(" ").length;
        assertThat(tokens).isEqualTo(model.config().maximumPositions());
      }
      assertThat(answers(model, GenerationSettings.greedy(1)))
          .allSatisfy(answer -> assertThat(answer).doesNotContain(" ").isNotEmpty());
    }
  }

  @Test
  void seedsDecideWhatIsDrawn() throws Exception {
    try (CausalModel model = model("llama", VOCABULARY)) {
      List<String> drawn = answers(model, settings(1, 12, 16, 7));
      assertThat(answers(model, settings(1, 12, 16, 7))).isEqualTo(drawn);
      assertThat(answers(model, settings(1, 12, 16, 8))).isNotEqualTo(drawn);
      assertThat(new HashSet<>(drawn)).as("equal prompts are drawn for apart").hasSize(5);
    }
  }

  @Test
  void promptsAreAskedForBatchByBatch() throws Exception {
    try (CausalModel model = model("llama", 2)) {
      List<String> events = new ArrayList<>();
      var prompts = PROMPTS.stream().peek(events::add).iterator();
      new Generation(model, settings(0, 2, 2, 0)).stream(prompts, answer -> events.add("answer"));
      assertThat(events.subList(0, 4)).containsExactly("w5", PROMPTS.get(1), "answer", "answer");
      assertThat(events).filteredOn("answer"::equals).hasSize(5);
    }
  }

  private static List<String> answers(CausalModel model, GenerationSettings settings) {
    return new Generation(model, settings).continuations(PROMPTS);
  }

  private static GenerationSettings settings(
      double temperature, int maximumTokens, int batchSize, long seed) {
    return new GenerationSettings(maximumTokens, temperature, 0, 1, batchSize, seed);
  }

  /** A model of random weights whose tokens are words, with another end of text. */
  private CausalModel model(String name, int eosId) throws Exception {
    Path given = Path.of(getClass().getResource("/decoders/" + name).toURI());
    Path directory = Files.createDirectories(temporary.resolve(name));
    Files.copy(given.resolve(ModelDirectory.WEIGHTS), directory.resolve(ModelDirectory.WEIGHTS));
    ModelDirectory.writeConfig(directory, ModelDirectory.config(given).put("eos_token_id", eosId));
    ObjectNode tokenizer = new ObjectMapper().createObjectNode().put("version", "1.0");
    tokenizer.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    ObjectNode words = tokenizer.putObject("model").put("type", "WordLevel");
    words.put("unk_token", "w0");
    ObjectNode ids = words.putObject("vocab");
    for (int i = 0; i < VOCABULARY; i++) {
      ids.put("w" + i, i);
    }
    Files.writeString(directory.resolve(ModelDirectory.TOKENIZER), tokenizer.toString());
    return (CausalModel) ModelDirectory.load(directory, TestDevice.get());
  }
}
