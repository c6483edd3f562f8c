package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Span;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chats against {@code apply_chat_template} of transformers 4.57.1 with the same tokenizer: see
 * {@code src/test/python/make_template_fixtures.py}. What is written here, {@code
 * src/test/python/check_written_decoders.py} reads with transformers again.
 */
class ChatEncodingTest {

  private static final String QUESTION = " what's that? ";
  private static final String ANSWER = "a thing";
  private static final String FRAMED = "<|open|>user\n%s<|close|>\n<|open|>assistant\n";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"chatml,<|close|>", "brackets,[EOS]", "thinking,<|close|>"})
  void aPairIsWhatTheTemplateMakesOfIt(String name, String end) throws Exception {
    JsonNode expected = expected(name);
    try (CausalModel model = model(name, 200)) {
      Path written = Path.of("target", "written-chats", name);
      model.save(written);
      Files.writeString(written.resolve("expected.json"), expected.toString());
      PromptEncoder encoder = model.encoder();
      assertThat(encoder.prompt(QUESTION).ids()).containsExactly(ids(expected, "asked"));
      assertThat(encoder.prompt("{{ x }} {% if %}").ids())
          .as("what a user says is no template")
          .containsExactly(ids(expected, "hostile"));
      PromptEncoder.Sequence pair = encoder.pair(QUESTION, ANSWER);
      assertThat(pair.targetStart()).isEqualTo(ids(expected, "asked").length);
      assertThat(pair.promptCut() + pair.targetCut()).isZero();
      assertThat(pair.ids()).endsWith(model.tokenizer().id(end).orElseThrow());
      long[] open = Arrays.copyOf(pair.ids(), pair.ids().length - 1);
      if (name.equals("thinking")) {
        long[] answer = model.tokenizer().encode(ANSWER);
        assertThat(open)
            .as("what the template puts between frame and answer, other than blanks, is left out")
            .containsExactly(
                LongStream.concat(LongStream.of(ids(expected, "asked")), LongStream.of(answer))
                    .toArray());
      } else {
        assertThat(ids(expected, "answered")).startsWith(open);
      }
      model.showShots(List.of(new Example("shot", "who", "me", null)));
      assertThat(model.encoder().prompt(QUESTION).ids())
          .containsExactly(ids(expected, "asked_after"));
    }
  }

  @Test
  void spansOfTheTargetAreFoundBehindTheFrame() throws Exception {
    try (CausalModel model = model("brackets", 200)) {
      int start = model.encoder().pair(QUESTION, ANSWER).targetStart();
      assertThat(start).isEqualTo(ids(expected("brackets"), "asked").length);
      // The blank before the answer belongs to no character of it; "th" is one token.
      assertThat(model.encoder().places(QUESTION, ANSWER))
          .containsExactly(
              new Span(0, 0),
              new Span(0, 1),
              new Span(1, 2),
              new Span(2, 4),
              new Span(4, 5),
              new Span(5, 6),
              new Span(6, 7));
    }
  }

  @Test
  void whatIsTooLongIsCutInTheUsersTextOnly() throws Exception {
    try (CausalModel model = model("chatml", 100)) {
      String text = "x".repeat(80) + "the end";
      PromptEncoder.Sequence cut = model.encoder().prompt(text);
      assertThat(cut.ids()).hasSize(50);
      String kept = "x".repeat(50 - length(model, FRAMED.formatted("the end"))) + "the end";
      assertThat(cut.ids()).containsExactly(model.tokenizer().encode(FRAMED.formatted(kept)));
      assertThat(cut.promptCut()).isEqualTo(80 + 7 - kept.length());
      assertThat(model.encoder().pair(text, "y".repeat(60)).targetCut()).isEqualTo(60 + 1 - 50);

      model.showShots(List.of(new Example("shot", "x".repeat(60), "me", null)));
      PromptEncoder.Sequence shown = model.encoder().prompt("who");
      assertThat(shown.ids())
          .as("an earlier turn goes before a part of the prompt does")
          .containsExactly(model.tokenizer().encode(FRAMED.formatted("who")));
      assertThat(shown.promptCut()).isPositive();
    }
  }

  @Test
  void aFrameThatLeavesNoRoomIsRefused() throws Exception {
    try (CausalModel model = model("chatml", 18)) {
      assertThatThrownBy(() -> model.encoder().prompt("who"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("chat_template.jinja")
          .hasMessageContaining("18 positions");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chatml", "brackets"})
  void whatIsLearntInAChatIsSaidInOne(String name) throws Exception {
    List<Example> pairs =
        List.of(new Example("a", "who", "me too", null), new Example("b", "why", "see it", null));
    try (CausalModel model = model(name, 100)) {
      Training.run(
          model,
          Examples.of(pairs),
          new OptimizationSettings(80, 2, 0.01, 0, 0, Decay.CONSTANT, 1, 10),
          1,
          entry -> {},
          () -> 0);
      Generation generation = new Generation(model, GenerationSettings.greedy(20));
      assertThat(generation.continuations(List.of("who", "why")))
          .containsExactly("me too", "see it");
      assertThat(generation.continuations(List.of("who"), List.of("me"))).containsExactly(" too");
    }
  }

  @Test
  void everyTokenThatTheFilesNameEndsAnAnswer() throws Exception {
    Path directory = directory("chatml", 100);
    ObjectNode config = ModelDirectory.config(directory);
    config.putArray("eos_token_id").add(4).add(20);
    ModelDirectory.writeConfig(directory, config);
    Files.writeString(
        directory.resolve(CompanionFiles.GENERATION_CONFIG), "{\"eos_token_id\": [4, 21]}");
    try (CausalModel model = load(directory)) {
      long close = model.tokenizer().id("<|close|>").orElseThrow();
      assertThat(LongStream.range(0, model.vocabularySize()).filter(model::isEnd))
          .containsExactly(4L, close, 20L, 21L);
    }
  }

  @Test
  void aSeparatorInTheConfigurationSwitchesTheTemplateOff() throws Exception {
    Path directory = directory("chatml", 100);
    ModelDirectory.writeConfig(
        directory, ModelDirectory.config(directory).put(PromptEncoder.SEPARATOR_KEY, "\n"));
    Files.writeString(directory.resolve(CompanionFiles.CHAT_TEMPLATE), "{% broken");
    try (CausalModel model = load(directory)) {
      long[] plain = model.tokenizer().encode("[BOS]who\nme[EOS]");
      assertThat(model.encoder().pair("who", "me").ids()).containsExactly(plain);
    }
  }

  @Test
  void theTemplateIsAlsoFoundInTheTokenizersConfiguration() throws Exception {
    Path directory = directory("chatml", 100);
    Path file = directory.resolve(CompanionFiles.TOKENIZER_CONFIG);
    Files.delete(directory.resolve(CompanionFiles.CHAT_TEMPLATE));
    ObjectNode config = ModelDirectory.read(file);
    config.putObject("eos_token").put("content", "[EOS]").put("special", true);
    String own = "{{ bos_token }}{% for m in messages %}{{ m.content + eos_token }}{% endfor %}";
    ModelDirectory.write(file, config.put("chat_template", own));
    assertThat(prompt(directory, "who")).isEqualTo("[BOS]who[EOS]");
    config.putArray("chat_template").addObject().put("name", "other").put("template", own);
    ModelDirectory.write(file, config);
    assertThatThrownBy(() -> load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer_config.json")
        .hasMessageContaining("'default'");
    config.withArray("chat_template").addObject().put("name", "default").put("template", "{{ 1 }}");
    ModelDirectory.write(file, config);
    assertThat(prompt(directory, "who")).isEqualTo("1");
  }

  private String prompt(Path directory, String text) {
    try (CausalModel model = load(directory)) {
      long[] ids = model.encoder().prompt(text).ids();
      return Stream.of("[BOS]who[EOS]", "1")
          .filter(one -> Arrays.equals(model.tokenizer().encode(one), ids))
          .findFirst()
          .orElseThrow();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if messages %}",
        "{{ messages|unknown }}",
        "{{ raise_exception('no chat') }}",
        "{{ strftime_now('%Q') }}",
        ""
      })
  void aTemplateThatCannotBeUsedIsNamed(String template) throws Exception {
    Path directory = directory("chatml", 100);
    Path file = directory.resolve(CompanionFiles.CHAT_TEMPLATE);
    Files.writeString(file, template);
    assertThatThrownBy(
            () -> {
              try (CausalModel model = load(directory)) {
                model.encoder().prompt("who");
              }
            })
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("prompt_separator");
  }

  @Test
  void whatLiesWithAModelIsWrittenWithIt() throws Exception {
    Path directory = directory("thinking", 100);
    Files.writeString(directory.resolve("added_tokens.json"), "{ \"a\" : 1 }\r\n");
    Files.writeString(directory.resolve(CompanionFiles.GENERATION_CONFIG), "{\"top_k\": 3}");
    Files.writeString(directory.resolve("README.md"), "stays");
    try (CausalModel model = load(directory)) {
      assertWrites(model, directory);
      try (Model copy = model.copy();
          Model untrained = model.untrained(1)) {
        assertWrites(copy, directory);
        assertWrites(untrained, directory);
        CausalModel adapted =
            LoraAdapters.attach(
                (CausalModel) model.copy(), new LoraSettings(1, 1, List.of("q_proj")), 1);
        assertWrites(adapted, directory);
        try (CausalModel merged = LoraAdapters.merge(adapted)) {
          assertWrites(merged, directory);
        }
      }
    }
  }

  private void assertWrites(Model model, Path from) throws IOException {
    Path written = Files.createTempDirectory(folder, "written");
    model.save(written);
    for (String name : CompanionFiles.read(from).contents().keySet()) {
      assertThat(written.resolve(name)).hasSameBinaryContentAs(from.resolve(name));
    }
    try (Stream<Path> files = Files.list(written)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("added_tokens.json", "chat_template.jinja", "generation_config.json")
          .contains("special_tokens_map.json", "tokenizer_config.json")
          .doesNotContain("README.md");
    }
  }

  @Test
  void aFileTooLargeToBeWhatItsNameSaysIsRefused() throws Exception {
    Path directory = directory("chatml", 100);
    Path file = directory.resolve(CompanionFiles.SPECIAL_TOKENS);
    Files.write(file, new byte[(4 << 20) + 1]);
    assertThatThrownBy(() -> load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString());
  }

  private static int length(CausalModel model, String text) {
    return model.tokenizer().encode(text).length;
  }

  private CausalModel model(String name, int positions) throws Exception {
    return load(directory(name, positions));
  }

  private static CausalModel load(Path directory) {
    return (CausalModel) ModelDirectory.load(directory, TestDevice.get());
  }

  /** A small model with the files of a fixture. */
  private Path directory(String name, int positions) throws Exception {
    Path fixture = fixture(name);
    Path directory = Files.createTempDirectory(folder, name);
    CausalSettings small = new CausalSettings(32, 48, 2, 4, 2, positions, true);
    TaskSpec task = TaskSpec.generation(fixture.resolve(ModelDirectory.TOKENIZER));
    try (Model model = new CausalLanguageModels().create(small, task, 1, TestDevice.get())) {
      model.save(directory);
    }
    for (String file : CompanionFiles.read(fixture).contents().keySet()) {
      Files.copy(fixture.resolve(file), directory.resolve(file));
    }
    return directory;
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(ChatEncodingTest.class.getResource("/templates/" + name).toURI());
  }

  private static JsonNode expected(String name) throws Exception {
    return new ObjectMapper().readTree(fixture(name).resolve("expected.json").toFile());
  }

  private static long[] ids(JsonNode expected, String key) {
    JsonNode ids = expected.path(key).path("ids");
    long[] array = new long[ids.size()];
    Arrays.setAll(array, i -> ids.get(i).asLong());
    return array;
  }
}
