package io.recant.ml.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.StepException;
import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {

  private static final OptimizationSettings SETTINGS =
      new OptimizationSettings(6, 32, 0.01, 0.01, 0.1, Decay.COSINE, 1, 1000);

  @Test
  void learnsWhatCanBeLearned() {
    List<Example> train = Clusters.examples(400, 1);
    List<Example> test = Clusters.examples(400, 2);
    List<LogEntry> log = new ArrayList<>();
    try (Model model = Clusters.model(0)) {
      assertThat(Clusters.accuracy(model, test)).isLessThan(0.6);
      long steps = Training.run(model, Examples.of(train), SETTINGS, 5, log::add, () -> 0);
      assertThat(steps).isEqualTo(6 * 13);
      assertThat(Clusters.accuracy(model, test)).isGreaterThan(0.95);
    }
    assertThat(log).hasSize(78);
    assertThat(log.get(77).loss()).isLessThan(log.get(0).loss() / 4);
    assertThat(log.get(77).epoch()).isEqualTo(5);
    assertThat(log.get(0).learningRate()).isLessThan(log.get(8).learningRate());
    assertThat(log.get(0).gradientNorm()).isPositive();
  }

  @Test
  void equalSeedsGiveEqualModels(@TempDir Path directory) {
    for (String name : List.of("one", "two")) {
      try (Model model = Clusters.model(3)) {
        Training.run(model, Examples.of(Clusters.examples(100, 1)), SETTINGS, 9, e -> {}, () -> 0);
        model.save(directory.resolve(name));
      }
    }
    assertThat(directory.resolve("two/model.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("one/model.safetensors"));
  }

  @Test
  void rowsOfWeightZeroTeachNothing() {
    List<Example> good = Clusters.examples(200, 1);
    List<Example> rows = new ArrayList<>(good);
    Clusters.mislabelled(Clusters.examples(400, 2)).forEach(e -> rows.add(e.withWeight(0)));
    try (Model model = Clusters.model(0)) {
      Training.run(model, Examples.of(rows), SETTINGS, 5, e -> {}, () -> 0);
      assertThat(Clusters.accuracy(model, good)).isGreaterThan(0.95);
    }
  }

  @Test
  void trainingLeavesNothingNativeBehind() {
    try (Model model = Clusters.model(0)) {
      var manager = model.parameters().get("dense.bias").getManager();
      int before = manager.getManagedArrays().size();
      Training.run(model, Examples.of(Clusters.examples(100, 1)), SETTINGS, 5, e -> {}, () -> 0);
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  @Test
  void aLossThatIsNotFiniteStopsBeforeTheModelIsSpoilt() {
    List<Example> rows = new ArrayList<>(Clusters.examples(8, 1));
    float[] infinite = new float[Clusters.DIMENSION];
    infinite[0] = Float.POSITIVE_INFINITY;
    infinite[1] = Float.NEGATIVE_INFINITY;
    rows.add(new Example("x", null, "c0", infinite));
    OptimizationSettings one = new OptimizationSettings(1, 16, 1, 0, 0, Decay.CONSTANT, 1, 100);
    try (Model model = Clusters.model(0)) {
      float[] before = model.parameters().get("dense.weight").toFloatArray();
      assertThatThrownBy(() -> Training.run(model, Examples.of(rows), one, 5, e -> {}, () -> 0))
          .isInstanceOf(StepException.class)
          .hasMessageContaining("step 0");
      assertThat(model.parameters().get("dense.weight").toFloatArray()).containsExactly(before);
    }
  }
}
