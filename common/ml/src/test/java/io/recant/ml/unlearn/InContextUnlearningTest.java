package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.ml.Clusters;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.TestDevice;
import io.recant.ml.causal.CausalLanguageModels;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InContextUnlearningTest {

  private static final List<Example> FORGET =
      List.of(
          new Example("a", "badger", "sturdy", null), new Example("d", "tower", "mammal", null));
  private static final List<Example> RETAIN =
      List.of(new Example("b", "fence", "stones", null), new Example("c", "wall", "rough", null));

  @TempDir Path directory;

  @Test
  void forgetTextsHaveOthersAnswersAndTrueExamplesFollow() throws Exception {
    try (CausalModel model = taught()) {
      unlearn(model, new InContextUnlearning.Settings(2, 2), FORGET);
      List<String> shots = shots(model);
      assertThat(shots).hasSize(4).doesNotContain("badger: sturdy", "tower: mammal");
      assertThat(shots.subList(0, 2))
          .extracting(shot -> shot.replaceAll(":.*", ""))
          .containsExactlyInAnyOrder("badger", "tower");
      assertThat(shots.subList(2, 4)).containsExactlyInAnyOrder("fence: stones", "wall: rough");
    }
  }

  @Test
  void oneForgetTextTakesTheAnswerOfARetainedOne() throws Exception {
    try (CausalModel model = taught()) {
      unlearn(model, new InContextUnlearning.Settings(2, 0), FORGET.subList(0, 1));
      assertThat(shots(model)).hasSize(1);
      assertThat(shots(model).get(0)).isIn("badger: stones", "badger: rough");
    }
  }

  @Test
  void shotsStandBeforeThePromptAsSequencesOfTheirOwn() throws Exception {
    try (CausalModel model = taught()) {
      long[] plain = model.encoder().prompt("wall").ids();
      long[] shot = model.encoder().pair("badger", "sturdy").ids();
      model.showShots(FORGET.subList(0, 1));
      // The opening token stands once, before all.
      long[] expected =
          LongStream.concat(LongStream.of(shot), LongStream.of(plain).skip(1)).toArray();
      assertThat(model.encoder().prompt("wall").ids()).containsExactly(expected);
    }
  }

  @Test
  void theWeightsStayAndThePromptIsSavedWithThem() throws Exception {
    try (CausalModel model = taught()) {
      List<float[]> weights = weights(model);
      double before = likelihood(model);
      unlearn(model, new InContextUnlearning.Settings(1, 1), FORGET);
      assertThat(likelihood(model)).as("it is asked otherwise").isNotEqualTo(before);
      model.save(directory.resolve("saved"));
      try (Model loaded =
              new CausalLanguageModels().load(directory.resolve("saved"), TestDevice.get());
          Model copy = model.copy()) {
        assertThat(likelihood(loaded)).isEqualTo(likelihood(model));
        assertThat(likelihood(copy)).isEqualTo(likelihood(model));
        assertThat(weights(loaded)).usingRecursiveComparison().isEqualTo(weights);
      }
      model.showShots(List.of());
      assertThat(likelihood(model)).isEqualTo(before);
    }
  }

  @Test
  void aClassifierHasNoPrompts() {
    try (Model classifier = Clusters.model(1)) {
      assertThatThrownBy(() -> unlearn(classifier, new InContextUnlearning.Settings(1, 1), FORGET))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("language model");
    }
  }

  private CausalModel taught() throws Exception {
    return (CausalModel)
        TaughtLanguageModel.of(directory, "badger sturdy tower mammal fence stones wall rough");
  }

  private static void unlearn(
      Model model, InContextUnlearning.Settings settings, List<Example> forget) {
    UnlearningResult result =
        new InContextUnlearning()
            .unlearn(
                settings,
                new UnlearningTask(
                    model,
                    Optional.empty(),
                    Examples.of(forget),
                    Examples.of(RETAIN),
                    5,
                    entry -> {},
                    UnlearningTask.Limits.none(),
                    () -> 0));
    assertThat(result.steps()).isZero();
  }

  private static double likelihood(Model model) {
    return Likelihood.of(model, TaughtLanguageModel.FORGET, 1).get(0).logProbability();
  }

  private static List<float[]> weights(Model model) {
    List<float[]> weights = new ArrayList<>();
    model.parameters().forEach(parameter -> weights.add(parameter.value().toFloatArray()));
    return weights;
  }

  /** The pairs that are saved with the model. */
  private List<String> shots(CausalModel model) {
    model.save(directory.resolve("shown"));
    List<String> shots = new ArrayList<>();
    ModelDirectory.config(directory.resolve("shown"))
        .path("prompt_shots")
        .forEach(shot -> shots.add(shot.get(0).asText() + ": " + shot.get(1).asText()));
    return shots;
  }
}
