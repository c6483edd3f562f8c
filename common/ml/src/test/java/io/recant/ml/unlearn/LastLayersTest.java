package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.ml.Clusters;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.unlearn.UnlearningTask.Limits;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LastLayersTest {

  private static final OptimizationSettings TRAINING =
      new OptimizationSettings(8, 32, 0.02, 0, 0, Decay.LINEAR, 1, 1000);
  private static final OptimizationSettings NONE =
      new OptimizationSettings(0, 32, 0.02, 0, 0, Decay.LINEAR, 1, 1000);

  private Model model;
  private Model before;

  @BeforeEach
  void make() {
    model = Clusters.model(0);
    before = model.copy();
  }

  @AfterEach
  void close() {
    model.close();
    before.close();
  }

  private <S extends Record> void run(UnlearningMethod<S> method, S settings) {
    method.unlearn(
        settings,
        new UnlearningTask(
            model,
            Optional.empty(),
            Examples.of(Clusters.mislabelled(Clusters.examples(20, 3))),
            Examples.of(Clusters.examples(400, 1)),
            5,
            e -> {},
            Limits.none(),
            () -> 0));
  }

  private boolean isKept(String name) {
    return Arrays.equals(
        before.parameters().get(name).toFloatArray(), model.parameters().get(name).toFloatArray());
  }

  @Test
  void onlyTheLastLayerLearns() {
    run(new CatastrophicForgetting(), new LastLayersSettings(1, TRAINING));

    assertThat(isKept("dense.weight")).isTrue();
    assertThat(isKept("dense.bias")).isTrue();
    assertThat(isKept("out_proj.weight")).isFalse();
    assertThat(isKept("out_proj.bias")).isFalse();
    assertThat(Clusters.accuracy(model, Clusters.examples(100, 9))).isGreaterThan(0.9);
  }

  @Test
  void twoLayersAreAllThereAre() {
    run(new CatastrophicForgetting(), new LastLayersSettings(2, TRAINING));
    assertThat(isKept("dense.weight")).isFalse();

    assertThatThrownBy(() -> run(new ExactForgetting(), new LastLayersSettings(3, TRAINING)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("2 layers, not 3", "out_proj");
  }

  @Test
  void layersThatAreForgottenAreThoseOfANewModel() {
    run(new ExactForgetting(), new LastLayersSettings(1, NONE));

    assertThat(isKept("dense.weight")).isTrue();
    try (Model fresh = model.untrained(5)) {
      assertThat(model.parameters().get("out_proj.weight").toFloatArray())
          .isEqualTo(fresh.parameters().get("out_proj.weight").toFloatArray());
    }
    assertThat(isKept("out_proj.weight")).isFalse();
  }

  /** What was frozen learns again afterwards. */
  @Test
  void afterwardsAllLayersLearn() {
    run(new CatastrophicForgetting(), new LastLayersSettings(1, TRAINING));
    run(new FineTune(), new FineTune.Settings(TRAINING, 0, 0));

    assertThat(isKept("dense.weight")).isFalse();
  }
}
