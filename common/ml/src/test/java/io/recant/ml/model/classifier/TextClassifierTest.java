package io.recant.ml.model.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.registry.Registry;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextClassifierTest {

  private static final TextClassifierFamily FAMILY = new TextClassifierFamily();
  private static final TaskSpec TASK = TaskSpec.classification(List.of("a", "b", "c"), 2);

  private final Model model =
      FAMILY.create(new TextClassifierFamily.Settings(4, 0.5), TASK, 11, TestDevice.get());
  private final NDManager manager = Devices.manager(TestDevice.get());

  @TempDir Path directory;

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private static Example example(String target, float... vector) {
    return new Example("s-" + target, null, target, vector);
  }

  private static double[] byHand(Model model, float[] x) {
    float[] w1 = model.parameters().get("dense.weight").toFloatArray();
    float[] b1 = model.parameters().get("dense.bias").toFloatArray();
    float[] w2 = model.parameters().get("out_proj.weight").toFloatArray();
    float[] b2 = model.parameters().get("out_proj.bias").toFloatArray();
    double[] z = new double[3];
    for (int k = 0; k < 3; k++) {
      z[k] = b2[k];
      for (int h = 0; h < 4; h++) {
        z[k] += w2[k * 4 + h] * Math.max(0, w1[h * 2] * x[0] + w1[h * 2 + 1] * x[1] + b1[h]);
      }
    }
    return z;
  }

  @Test
  void logitsAreTheFormula() {
    Batch batch = model.encode(List.of(example("a", 1, 2), example("c", -1, 0.5f)), manager);
    NDArray logits = model.logits(batch);
    assertThat(logits.getShape()).isEqualTo(new Shape(2, 1, 3));
    float[] values = logits.toFloatArray();
    for (int k = 0; k < 3; k++) {
      assertThat((double) values[k]).isCloseTo(byHand(model, new float[] {1, 2})[k], within(1e-5));
      assertThat((double) values[3 + k])
          .isCloseTo(byHand(model, new float[] {-1, 0.5f})[k], within(1e-5));
    }
  }

  @Test
  void batchesCarryLabelsMaskAndWeights() {
    Batch batch =
        model.encode(List.of(example("c", 1, 2).withWeight(0.25f), example(null, 0, 0)), manager);
    assertThat(batch.labels().toLongArray()).containsExactly(2, 0);
    assertThat(batch.mask().toFloatArray()).containsExactly(1, 0);
    assertThat(batch.weights().toFloatArray()).containsExactly(0.25f, 1);
    assertThat(batch.size()).isEqualTo(2);
  }

  @Test
  void aRowTheModelCannotReadIsNamed() {
    assertThatThrownBy(() -> model.encode(List.of(example("zebra", 1, 2)), manager))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("s-zebra");
    assertThatThrownBy(() -> model.encode(List.of(example("a", 1, 2, 3)), manager))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 dimensions");
    assertThatThrownBy(() -> model.encode(List.of(new Example("x", "t", "a", null)), manager))
        .isInstanceOf(InputException.class);
  }

  @Test
  void likelihoodIsTheLogSoftmax() {
    List<Likelihood.Row> rows =
        Likelihood.of(
            model, List.of(example("b", 1, 2), example(null, 1, 2), example("a", 3, -1)), 2);
    double[] z = byHand(model, new float[] {1, 2});
    double sum = Math.exp(z[0]) + Math.exp(z[1]) + Math.exp(z[2]);
    assertThat(rows.get(0).logProbability()).isCloseTo(z[1] - Math.log(sum), within(1e-5));
    assertThat(rows.get(0).matches()).isEqualTo(z[1] >= Math.max(z[0], z[2]) ? 1 : 0);
    assertThat(rows.get(1).tokens()).isZero();
    assertThat(rows.get(1).meanLoss()).isZero();
    assertThat(rows).extracting(Likelihood.Row::id).containsExactly("s-b", "s-null", "s-a");
  }

  @Test
  void probabilitiesAreTheSoftmaxInOrder() {
    List<Example> examples = List.of(example("b", 1, 2), example(null, 3, -1), example("a", 0, 1));
    List<ClassProbabilities.Row> rows = new ArrayList<>();
    ClassProbabilities.stream(model, Examples.of(examples), 2, rows::add);
    assertThat(rows).extracting(ClassProbabilities.Row::id).containsExactly("s-b", "s-null", "s-a");
    for (int i = 0; i < 3; i++) {
      double[] z = byHand(model, examples.get(i).vector());
      double sum = Math.exp(z[0]) + Math.exp(z[1]) + Math.exp(z[2]);
      for (int k = 0; k < 3; k++) {
        assertThat((double) rows.get(i).probabilities()[k])
            .isCloseTo(Math.exp(z[k]) / sum, within(1e-5));
        assertThat(z[rows.get(i).argMax()]).isGreaterThanOrEqualTo(z[k]);
      }
    }
  }

  @Test
  void equalSeedsGiveEqualBytesAndALoadedModelIsTheSame() {
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    model.save(one);
    try (Model twin =
        FAMILY.create(new TextClassifierFamily.Settings(4, 0.5), TASK, 11, TestDevice.get())) {
      twin.save(two);
    }
    assertThat(two.resolve("model.safetensors"))
        .hasSameBinaryContentAs(one.resolve("model.safetensors"));
    assertThat(two.resolve("config.json")).hasSameTextualContentAs(one.resolve("config.json"));
    try (Model loaded = ModelDirectory.load(one, TestDevice.get())) {
      assertThat(((TextClassifier) loaded).classes()).containsExactly("a", "b", "c");
      loaded.save(directory.resolve("three"));
    }
    assertThat(directory.resolve("three/model.safetensors"))
        .hasSameBinaryContentAs(one.resolve("model.safetensors"));
    assertThat(directory.resolve("three/config.json"))
        .hasSameTextualContentAs(one.resolve("config.json"))
        .content()
        .contains("\"id2label\"", "\"label2id\"", "\"model_type\"");
  }

  @Test
  void aDirectoryWithOtherTensorsSaysWhich() throws Exception {
    model.save(directory);
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"),
        Map.of("dense.weight", manager.ones(new Shape(4, 2)), "odd", manager.ones(new Shape(1))),
        Map.of());
    assertThatThrownBy(() -> ModelDirectory.load(directory, TestDevice.get()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("missing: [dense.bias, out_proj.bias, out_proj.weight]")
        .hasMessageContaining("left over: [odd]");
    Files.writeString(directory.resolve("config.json"), "{\"model_type\": \"martian\"}");
    assertThatThrownBy(() -> ModelDirectory.load(directory, TestDevice.get()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("martian")
        .hasMessageContaining("recant-text-classifier");
  }

  @Test
  void copiesAreIndependentAndFrozenOnesAreNotFollowed() {
    try (Model copy = model.copy();
        Model frozen = model.frozenCopy()) {
      try (GradMode off = GradMode.inference()) {
        copy.parameters().get("dense.bias").addi(1);
      }
      assertThat(model.parameters().get("dense.bias").toFloatArray()).containsOnly(0);
      assertThat(copy.parameters().trainable()).hasSize(4);
      assertThat(frozen.parameters().trainable()).isEmpty();
      model.parameters().assign(copy.parameters());
      assertThat(model.parameters().get("dense.bias").toFloatArray()).containsOnly(1);
      assertThat(frozen.parameters().get("dense.bias").toFloatArray()).containsOnly(0);
    }
  }

  @Test
  void dropoutSilencesItsShareAndKeepsTheExpectation() {
    NDArray ones = manager.ones(new Shape(100, 100));
    float[] dropped = Dropout.seeded(3).apply(ones, 0.25).toFloatArray();
    int zeros = 0;
    double sum = 0;
    for (float value : dropped) {
      zeros += value == 0 ? 1 : 0;
      sum += value;
    }
    assertThat(zeros).isBetween(2300, 2700);
    assertThat(sum / 10000).isCloseTo(1, within(0.05));
    assertThat(Dropout.seeded(3).apply(ones, 0.25).toFloatArray()).containsExactly(dropped);
    assertThat(Dropout.off().apply(ones, 0.25)).isSameAs(ones);
  }

  @Test
  void forwardPassesLeaveNothingWithTheModel() {
    int before = model.parameters().get("dense.bias").getManager().getManagedArrays().size();
    try (NDManager scope = Devices.manager(TestDevice.get());
        GradMode off = GradMode.inference()) {
      Batch batch = model.encode(List.of(example("a", 1, 2)), scope);
      model.logits(batch, Dropout.seeded(1));
      ((TextClassifier) model).sumOfSquaredGradients(batch);
    }
    assertThat(model.parameters().get("dense.bias").getManager().getManagedArrays())
        .hasSize(before);
  }

  @Test
  void theFamilyIsFoundByNameAndRefusesHalfATask() {
    Registry<ModelFamily<?>> families = Registry.load(ModelFamily.class, "model family");
    assertThat(families.get("text-classifier", "model")).isInstanceOf(TextClassifierFamily.class);
    assertThatThrownBy(
            () ->
                FAMILY.create(
                    new TextClassifierFamily.Settings(4, 0),
                    TaskSpec.classification(List.of("only"), 2),
                    0,
                    TestDevice.get()))
        .isInstanceOf(ConfigException.class);
  }
}
