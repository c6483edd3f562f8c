package io.recant.ml.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.registry.Registry;
import io.recant.ml.Clusters;
import io.recant.ml.Pictures;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageShape;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Modality;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.safetensors.SafetensorsWriter;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImageClassifierTest {

  private static final ImageClassifierFamily FAMILY = new ImageClassifierFamily();
  private static final ImageClassifierFamily.Settings RESNET =
      Pictures.settings(Architecture.RESNET9, 2, Augmentation.CROP_AND_FLIP, 0.3);

  private final Model model = Pictures.model(RESNET, 4);
  private final List<Example> examples = Pictures.examples(12, 1);
  private final NDManager manager = Devices.manager(TestDevice.get());

  @TempDir Path directory;

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private static OptimizationSettings settings(int epochs) {
    return new OptimizationSettings(epochs, 20, 0.01, 0.01, 0.1, Decay.COSINE, 1, 200);
  }

  private static void train(Model model, List<Example> rows, int epochs) {
    Training.run(model, Examples.of(rows), settings(epochs), 3, entry -> {}, () -> 0);
  }

  private static void assertSame(Model actual, Model expected) {
    for (Parameter parameter : expected.parameters()) {
      assertThat(actual.parameters().get(parameter.name()).toFloatArray())
          .as(parameter.name())
          .containsExactly(parameter.value().toFloatArray());
    }
  }

  @Test
  void aPictureTheModelCannotReadIsNamed() {
    Example other =
        new Example("r7", null, "lying", null).withImage(new Image(12, 11, 1, new byte[132]));
    assertThatThrownBy(() -> model.encode(List.of(examples.get(0), other), manager))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("r7", "12 x 11 pixels of 1 channel", "12 x 12");
    Example colour = other.withImage(new Image(12, 12, 3, new byte[3 * 144]));
    assertThatThrownBy(() -> model.encode(List.of(colour), manager))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("r7", "3 channels");
    assertThatThrownBy(() -> model.encode(List.of(other.withImage(null)), manager))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("r7", "no picture");
    Example zebra = new Example("r8", null, "zebra", null).withImage(examples.get(0).image());
    assertThatThrownBy(() -> model.encode(List.of(zebra), manager))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("r8", "zebra");
  }

  @ParameterizedTest
  @CsvSource({"SMALL_CNN,NONE", "SMALL_CNN,CROP_AND_FLIP", "RESNET9,CROP"})
  void trainingLearnsToTellThePicturesApart(Architecture architecture, Augmentation augmentation) {
    int width = architecture == Architecture.SMALL_CNN ? 8 : 4;
    try (Model learner =
        Pictures.model(Pictures.settings(architecture, width, augmentation, 0.1), 2)) {
      train(learner, Pictures.examples(200, 1), 12);
      assertThat(Clusters.accuracy(learner, Pictures.examples(200, 2))).isGreaterThan(0.95);
    }
  }

  /** Whatever the batch they are in. */
  @Test
  void outsideOfTrainingPicturesAreAnsweredOneByOne() {
    train(model, examples, 2);
    float[] together = model.logits(model.encode(examples, manager)).toFloatArray();
    for (int i = 0; i < examples.size(); i++) {
      assertThat(model.logits(model.encode(examples.subList(i, i + 1), manager)).toFloatArray())
          .containsExactly(new float[] {together[2 * i], together[2 * i + 1]}, within(1e-4f));
    }
  }

  @Test
  void onlyTrainingPassesMoveTheRunningStatistics() {
    Batch batch = model.encode(examples, manager);
    try (Model before = model.copy();
        GradMode on = GradMode.training()) {
      model.logits(batch);
      model.activations(batch, 2);
      ((ImageClassifier) model).sumOfSquaredGradients(batch);
      assertSame(model, before);
      model.logits(batch, Dropout.seeded(1));
      assertThat(model.parameters().get("prep.bn.running_var").toFloatArray())
          .isNotEqualTo(before.parameters().get("prep.bn.running_var").toFloatArray());
      assertThat(model.parameters().get("prep.bn.weight").toFloatArray()).containsOnly(1);
    }
  }

  @Test
  void equalSeedsTrainEqualModels() {
    try (Model twin = Pictures.model(RESNET, 4);
        Model other = Pictures.model(RESNET, 5);
        Model again = other.untrained(4)) {
      assertSame(again, model);
      assertThat(other.parameters().get("prep.conv.weight").toFloatArray())
          .isNotEqualTo(model.parameters().get("prep.conv.weight").toFloatArray());
      train(model, examples, 2);
      train(twin, examples, 2);
      assertSame(twin, model);
    }
  }

  @Test
  void newWeightsHaveTheVarianceOfTheirInputs() {
    try (Model wide =
        Pictures.model(Pictures.settings(Architecture.RESNET9, 32, Augmentation.NONE, 0), 1)) {
      NDArray weight = wide.parameters().get("layer1.conv.weight");
      double variance = weight.square().mean().getFloat();
      assertThat(variance).isCloseTo(2.0 / (9 * 32), within(0.0003));
    }
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void aSavedModelIsTheSameBitForBit(Architecture architecture) {
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    try (Model trained =
        Pictures.model(Pictures.settings(architecture, 3, Augmentation.CROP, 0.25), 1)) {
      train(trained, examples, 2);
      trained.save(one);
      try (Model loaded = ModelDirectory.load(one, TestDevice.get())) {
        assertSame(loaded, trained);
        assertThat(((ImageClassifier) loaded).classes()).isEqualTo(Pictures.CLASSES);
        loaded.save(two);
        train(trained, examples, 1);
        train(loaded, examples, 1);
        assertSame(loaded, trained);
      }
    }
    assertThat(two.resolve("model.safetensors"))
        .hasSameBinaryContentAs(one.resolve("model.safetensors"));
    assertThat(two.resolve("config.json"))
        .hasSameTextualContentAs(one.resolve("config.json"))
        .content()
        .contains("\"id2label\"", "\"recant-image-classifier\"", "\"image_size\"");
  }

  @Test
  void copiesHaveTheRunningStatisticsAndAreIndependent() {
    train(model, examples, 2);
    int weights = model.parameters().trainable().size();
    int statistics = model.parameters().runningStatistics().size();
    assertThat(statistics).isEqualTo(2 * 8);
    try (Model copy = model.copy();
        Model frozen = model.frozenCopy()) {
      assertSame(copy, model);
      assertSame(frozen, model);
      assertThat(copy.parameters().trainable()).hasSize(weights);
      assertThat(copy.parameters().runningStatistics()).hasSize(statistics);
      assertThat(frozen.parameters().trainable()).isEmpty();
      train(copy, examples, 1);
      assertSame(frozen, model);
      assertThat(copy.parameters().get("layer3.bn.running_mean").toFloatArray())
          .isNotEqualTo(model.parameters().get("layer3.bn.running_mean").toFloatArray());
      model.parameters().assign(copy.parameters());
      assertSame(model, copy);
    }
  }

  private void rewriteConfig(Consumer<ObjectNode> change) {
    ObjectNode config = ModelDirectory.config(directory);
    change.accept(config);
    ModelDirectory.writeConfig(directory, config);
  }

  private void assertNotLoaded(Consumer<ObjectNode> change, String... why) {
    model.save(directory);
    rewriteConfig(change);
    assertThatThrownBy(() -> ModelDirectory.load(directory, TestDevice.get()))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(why);
  }

  @Test
  void aConfigurationThatIsNoneIsRefused() {
    assertNotLoaded(c -> c.put("network", "vgg"), "network 'vgg'", "[small_cnn, resnet9]");
    assertNotLoaded(c -> c.put("width", 0), "width is 0");
    assertNotLoaded(c -> c.put("width", 1 << 30), "prep.conv.weight");
    assertNotLoaded(c -> c.put("image_size", 12), "image_size");
    assertNotLoaded(c -> c.putArray("image_size").add(12).add(1 << 20), "image_size is 1048576");
    assertNotLoaded(c -> c.put("num_channels", 2), "num_channels is 2");
    assertNotLoaded(c -> c.putArray("image_std").add(0), "image_std of channel 0 is 0");
    assertNotLoaded(c -> c.putArray("image_mean"), "image_mean");
    assertNotLoaded(c -> c.put("augmentation", "none of them"), "augmentation");
    assertNotLoaded(c -> c.put("classifier_dropout", 1), "classifier_dropout is 1");
    assertNotLoaded(c -> c.putObject("id2label").put("0", "a").put("1", "a"), "same name");
    assertNotLoaded(c -> c.putObject("id2label").put("0", "a"), "at least two");
  }

  /** As PyTorch saves normalisations; a variance below zero is none. */
  @Test
  void tensorsAreReadAsPyTorchSavesThem() {
    model.save(directory);
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    model.parameters().forEach(p -> tensors.put(p.name(), p.value()));
    tensors.put("prep.bn.num_batches_tracked", manager.create(7L));
    Path file = directory.resolve("model.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    try (Model loaded = ModelDirectory.load(directory, TestDevice.get())) {
      assertSame(loaded, model);
      assertThat(loaded.parameters().runningStatistics()).hasSize(16);
    }
    tensors.put("prep.bn.running_var", manager.create(new float[] {1, -0.5f}));
    SafetensorsWriter.write(file, tensors, Map.of());
    assertThatThrownBy(() -> ModelDirectory.load(directory, TestDevice.get()))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("prep.bn.running_var", "-0.5");
  }

  @Test
  void forwardPassesLeaveNothingWithTheModel() {
    NDManager own = model.parameters().get("linear.bias").getManager();
    int before = own.getManagedArrays().size();
    try (NDManager scope = Devices.manager(TestDevice.get())) {
      Batch batch = model.encode(examples, scope);
      model.logits(batch, Dropout.seeded(1));
      model.activations(batch, 1);
      ((ImageClassifier) model).sumOfSquaredGradients(batch);
    }
    assertThat(own.getManagedArrays()).hasSize(before);
  }

  @Test
  void theFamilyIsFoundByNameAndRefusesHalfATask() {
    Registry<ModelFamily<?>> families = Registry.load(ModelFamily.class, "model family");
    assertThat(families.get("image-classifier", "model")).isInstanceOf(ImageClassifierFamily.class);
    assertThat(FAMILY.modality()).isEqualTo(Modality.IMAGE);
    assertNotCreated(TaskSpec.classification(List.of("a", "b"), 2), "not none");
    assertNotCreated(
        TaskSpec.imageClassification(List.of("a", "b"), new ImageShape(7, 12, 1)), "7 x 12");
    assertNotCreated(
        TaskSpec.imageClassification(List.of("a"), new ImageShape(8, 8, 1)), "two classes");
    assertNotCreated(
        TaskSpec.imageClassification(List.of("a", "a"), new ImageShape(8, 8, 1)), "same name");
  }

  private static void assertNotCreated(TaskSpec task, String why) {
    ImageClassifierFamily.Settings usual =
        new ImageClassifierFamily.Settings(
            Architecture.SMALL_CNN, Optional.empty(), Augmentation.NONE, 0);
    assertThatThrownBy(() -> FAMILY.create(usual, task, 0, TestDevice.get()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(why);
  }

  @Test
  void widthsAreThoseOfTheArchitectureWhereNothingElseIsSaid() {
    TaskSpec task = TaskSpec.imageClassification(List.of("a", "b"), new ImageShape(32, 32, 3));
    assertThat(SettingsBinder.bind(null, FAMILY.settings(), "family"))
        .isEqualTo(
            new ImageClassifierFamily.Settings(
                Architecture.SMALL_CNN, Optional.empty(), Augmentation.NONE, 0));
    for (Architecture architecture : Architecture.values()) {
      ImageClassifierFamily.Settings usual =
          new ImageClassifierFamily.Settings(architecture, Optional.empty(), Augmentation.NONE, 0);
      try (Model created = FAMILY.create(usual, task, 0, TestDevice.get())) {
        Shape first = created.parameters().iterator().next().value().getShape();
        assertThat(first)
            .isEqualTo(new Shape(architecture == Architecture.RESNET9 ? 64 : 32, 3, 3, 3));
      }
    }
  }
}
