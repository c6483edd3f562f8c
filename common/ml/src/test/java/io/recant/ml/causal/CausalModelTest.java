package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.optim.AdamW;
import io.recant.ml.safetensors.SafetensorsCheckpoint;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CausalModelTest {

  private static final List<Example> EXAMPLES =
      List.of(
          new Example("a", "badger", "sturdy burrowing mammal", null),
          new Example("b", "cyclotron", "an accelerator that imparts energies to particles", null),
          new Example("c", "stone wall", "a fence built of rough stones", null));
  private static final CausalSettings SMALL = new CausalSettings(32, 48, 2, 4, 2, 24, true);

  @TempDir static Path directory;
  private static Path tokenizer;

  @BeforeAll
  static void makeTokenizer() throws Exception {
    tokenizer = directory.resolve("tokenizer.json");
    try (TextTokenizer whole = WordPieceVocabulary.bundled()) {
      PieceCounts counts = new PieceCounts();
      EXAMPLES.forEach(e -> counts.add(whole, e.input()).add(whole, e.target()));
      Files.writeString(tokenizer, WordPieceVocabulary.prune(whole, counts, 1));
    }
  }

  @Test
  void scoresOnlyTheTargetAndItsEnd() {
    try (CausalModel model = create(1);
        NDManager manager = Devices.manager(TestDevice.get())) {
      Batch batch = model.encode(EXAMPLES, manager);
      assertThat(batch.mask().sum(new int[] {1}).toFloatArray()).containsExactly(lengths(model));
      long[] labels = batch.labels().get(0).toLongArray();
      assertThat(labels[(int) lengths(model)[0] - 1]).isEqualTo(model.config().eosId());
      assertThat(model.logits(batch).getShape().get(2)).isEqualTo(model.vocabularySize());
    }
  }

  private static float[] lengths(CausalModel model) {
    float[] lengths = new float[EXAMPLES.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = model.tokenizer().encode(EXAMPLES.get(i).target()).length + 1;
    }
    return lengths;
  }

  @Test
  void aRowsLikelihoodDoesNotDependOnTheBatchItIsIn() {
    try (CausalModel model = create(1)) {
      List<Likelihood.Row> together = Likelihood.of(model, EXAMPLES, 3);
      List<Likelihood.Row> alone = Likelihood.of(model, EXAMPLES, 1);
      for (int i = 0; i < EXAMPLES.size(); i++) {
        assertThat(together.get(i).logProbability())
            .isCloseTo(alone.get(i).logProbability(), within(1e-4));
      }
    }
  }

  @Test
  void firstWeightsKeepTheScaleOfWhatPassesThrough() {
    try (CausalModel model = create(1)) {
      LlamaConfig config = (LlamaConfig) model.config();
      double unit = 1 / Math.sqrt(config.hiddenSize());
      double residual = 1 / Math.sqrt(2.0 * config.layers());
      Map<String, Double> deviations =
          Map.of(
              LlamaDecoder.EMBEDDING,
              2 * unit,
              "model.layers.0.self_attn.q_proj.weight",
              unit,
              "model.layers.0.self_attn.o_proj.weight",
              unit * residual,
              "model.layers.0.mlp.down_proj.weight",
              residual / Math.sqrt(config.intermediateSize()));
      deviations.forEach(
          (name, deviation) -> {
            NDArray weights = model.parameters().get(name);
            double found = Math.sqrt(weights.mul(weights).mean().getFloat());
            assertThat(found).as(name).isCloseTo(deviation, withinPercentage(15));
          });
    }
  }

  @Test
  void learnsDefinitionsByHeartAndSaysThem() {
    try (CausalModel model = create(1)) {
      train(model, 80);
      assertThat(Likelihood.of(model, EXAMPLES, 3))
          .allSatisfy(row -> assertThat(row.matches()).isEqualTo(row.tokens()))
          .allSatisfy(row -> assertThat(row.matchedTail()).isEqualTo(row.tokens()));
      List<String> prompts = EXAMPLES.stream().map(Example::input).toList();
      assertThat(new Generation(model, GenerationSettings.greedy(20)).continuations(prompts))
          .containsExactlyElementsOf(EXAMPLES.stream().map(Example::target).toList());
      assertThat(
              new Generation(model, GenerationSettings.greedy(2))
                  .continuations(List.of("stone wall")))
          .containsExactly("a fence");
    }
  }

  @Test
  void savedModelsComeBackEqual() {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    try (CausalModel model = create(3)) {
      model.save(first);
      try (CausalModel loaded = (CausalModel) ModelDirectory.load(first, TestDevice.get())) {
        loaded.save(second);
        assertThat(Likelihood.of(loaded, EXAMPLES, 3)).isEqualTo(Likelihood.of(model, EXAMPLES, 3));
        assertThat(loaded.config()).isEqualTo(model.config());
      }
    }
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      assertThat(second.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
  }

  @Test
  void equalSeedsGiveEqualModelsAndCopiesAreTheirOwn() {
    try (CausalModel one = create(5);
        CausalModel same = create(5);
        CausalModel other = create(6)) {
      List<Likelihood.Row> before = Likelihood.of(one, EXAMPLES, 3);
      assertThat(Likelihood.of(same, EXAMPLES, 3)).isEqualTo(before);
      assertThat(Likelihood.of(other, EXAMPLES, 3)).isNotEqualTo(before);
      try (CausalModel copy = (CausalModel) one.copy()) {
        train(copy, 2);
        assertThat(Likelihood.of(copy, EXAMPLES, 3)).isNotEqualTo(before);
      }
      assertThat(Likelihood.of(one, EXAMPLES, 3)).isEqualTo(before);
    }
  }

  @Test
  void whatDoesNotFitIsCountedAndHasNoEnd() {
    try (CausalModel model = create(1)) {
      String prompt = "stone ".repeat(15) + "wall";
      PromptEncoder.Sequence sequence = model.encoder().pair(prompt, "a ".repeat(20));
      assertThat(sequence.ids()).hasSize(24).doesNotContain(model.config().eosId());
      assertThat(sequence.targetStart()).isEqualTo(12);
      assertThat(sequence.promptCut()).isEqualTo(6);
      assertThat(sequence.targetCut()).isEqualTo(9);
      long wall = model.tokenizer().id("wall").orElseThrow();
      assertThat(sequence.ids()[10]).as("a prompt keeps its end").isEqualTo(wall);
    }
  }

  @Test
  void missingTextAndImpossibleShapesAreRefusedByName() {
    try (CausalModel model = create(1);
        NDManager manager = Devices.manager(TestDevice.get())) {
      Example vectorOnly = new Example("row-7", null, null, new float[2]);
      assertThatThrownBy(() -> model.encode(List.of(vectorOnly), manager))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("row-7");
    }
    CausalSettings odd = new CausalSettings(30, 48, 2, 4, 2, 24, true);
    assertThatThrownBy(() -> create(odd, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("num_attention_heads");
  }

  private static CausalModel create(long seed) {
    return create(SMALL, seed);
  }

  private static CausalModel create(CausalSettings settings, long seed) {
    TaskSpec task = TaskSpec.generation(tokenizer);
    return (CausalModel) new CausalLanguageModels().create(settings, task, seed, TestDevice.get());
  }

  @Test
  void whatCameInBFloat16IsWrittenInBFloat16(@TempDir Path folder) throws IOException {
    Path wide = folder.resolve("wide");
    Path narrow = folder.resolve("narrow");
    Path again = folder.resolve("again");
    try (Model model = TaughtLanguageModel.of(folder, "tall")) {
      model.save(wide);
    }
    ModelDirectory.writeConfig(wide, ModelDirectory.config(wide).put("torch_dtype", "bfloat16"));
    resave(wide, narrow);
    resave(narrow, again);
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(narrow)) {
      assertThat(checkpoint.tensors().values())
          .allSatisfy(tensor -> assertThat(tensor.type()).isEqualTo(DataType.BFLOAT16));
    }
    assertThat(ModelDirectory.config(narrow).path("torch_dtype").asText()).isEqualTo("bfloat16");
    assertThat(again.resolve(ModelDirectory.WEIGHTS))
        .as("nothing is rounded twice")
        .hasSameBinaryContentAs(narrow.resolve(ModelDirectory.WEIGHTS));
  }

  private static void resave(Path from, Path to) {
    try (Model model = ModelDirectory.load(from, TestDevice.get())) {
      model.save(to);
    }
  }

  private static void train(CausalModel model, int steps) {
    List<NDArray> parameters = model.parameters().trainable();
    try (GradMode on = GradMode.training();
        AdamW optimizer = new AdamW(parameters, AdamW.Constants.withDecay(0))) {
      for (int i = 0; i < steps; i++) {
        try (NDManager manager = Devices.manager(model.device())) {
          Batch batch = model.encode(EXAMPLES, manager);
          NDArray logits = model.logits(batch);
          Autograd.backward(TokenLoss.mean(logits, batch.labels(), batch.mask(), batch.weights()));
          optimizer.step(0.01);
          Autograd.zero(parameters);
        }
      }
    }
  }
}
