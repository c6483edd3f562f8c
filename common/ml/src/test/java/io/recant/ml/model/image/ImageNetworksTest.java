package io.recant.ml.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageShape;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.GradientCheck;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.image.ReferenceNetwork.Maps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole networks, their losses' slopes and their single pictures' squared slopes. */
class ImageNetworksTest {

  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final double STEP = 1e-6;

  private final List<Example> examples = new ArrayList<>();
  private NDManager manager;
  private ImageClassifier model;

  @BeforeEach
  void begin() {
    manager = Devices.manager(TestDevice.get());
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  /** A model whose normalisations change something, and five pictures. */
  private Batch make(Architecture architecture, ImageShape shape) {
    model =
        (ImageClassifier)
            new ImageClassifierFamily()
                .create(
                    new ImageClassifierFamily.Settings(
                        architecture, Optional.of(2), Augmentation.NONE, 0),
                    TaskSpec.imageClassification(CLASSES, shape),
                    5,
                    TestDevice.get());
    SplittableRandom random = new SplittableRandom(3);
    try (GradMode off = GradMode.inference()) {
      for (Parameter parameter : model.parameters()) {
        NDArray value = parameter.value();
        if (value.getShape().dimension() == 1) {
          float[] noise = new float[(int) value.size()];
          for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) (0.5 * random.nextDouble());
          }
          value.addi(manager.create(noise));
        }
      }
    }
    for (int i = 0; i < 5; i++) {
      byte[] pixels = new byte[(int) shape.size()];
      random.nextBytes(pixels);
      examples.add(
          new Example("e" + i, null, i == 4 ? null : CLASSES.get(i % 3), null)
              .withWeight(0.5f + i)
              .withImage(new Image(shape, pixels)));
    }
    return model.encode(examples, manager);
  }

  private Maps scaled(ImageShape shape) {
    Maps maps = new Maps(examples.size(), shape.channels(), shape.height(), shape.width());
    for (int n = 0; n < maps.rows(); n++) {
      byte[] pixels = examples.get(n).image().pixels();
      for (int i = 0; i < pixels.length; i++) {
        int pixel = i / shape.channels();
        int at = maps.at(n, i % shape.channels(), pixel / shape.width(), pixel % shape.width());
        maps.values()[at] = ((pixels[i] & 0xff) / 255.0 - 0.5) / 0.25;
      }
    }
    return maps;
  }

  private static Maps logits(ReferenceNetwork network, Architecture architecture, Maps x) {
    return architecture == Architecture.SMALL_CNN ? network.smallCnn(x) : network.resNet9(x);
  }

  @ParameterizedTest
  @CsvSource({"SMALL_CNN,9,13,1", "SMALL_CNN,8,8,3", "RESNET9,8,8,3", "RESNET9,17,9,1"})
  void logitsAreThoseOfPlainLoops(Architecture architecture, int height, int width, int channels) {
    ImageShape shape = new ImageShape(height, width, channels);
    Batch batch = make(architecture, shape);
    for (boolean training : new boolean[] {false, true}) {
      ReferenceNetwork reference = new ReferenceNetwork(model.parameters(), training);
      Maps expected = logits(reference, architecture, scaled(shape));
      NDArray logits = model.logits(batch, training ? Dropout.seeded(1) : Dropout.off());
      assertThat(logits.getShape()).isEqualTo(new Shape(5, 1, 3));
      float[] values = logits.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        assertThat((double) values[i]).isCloseTo(expected.values()[i], within(2e-4));
      }
      for (Parameter parameter : model.parameters()) {
        float[] after = parameter.value().toFloatArray();
        for (int i = 0; i < after.length; i++) {
          assertThat((double) after[i])
              .as(parameter.name())
              .isCloseTo(reference.arrays.get(parameter.name())[i], within(1e-4));
        }
      }
    }
  }

  /** What the head reads, by hand. */
  @ParameterizedTest
  @EnumSource(Architecture.class)
  void theLastLayerIsWhatTheHeadReads(Architecture architecture) {
    Batch batch = make(architecture, new ImageShape(8, 10, 3));
    NDArray last = model.activations(batch, model.layers());
    String head = architecture == Architecture.SMALL_CNN ? "fc2" : "linear";
    NDArray logits =
        last.squeeze(1)
            .matMul(model.parameters().get(head + ".weight").transpose())
            .add(model.parameters().get(head + ".bias"));
    assertThat(logits.toFloatArray())
        .containsExactly(model.logits(batch).toFloatArray(), within(1e-5f));
    for (int layer = 1; layer <= model.layers(); layer++) {
      NDArray activations = model.activations(batch, layer);
      assertThat(activations.getShape().dimension()).isEqualTo(3);
      assertThat(activations.getShape().slice(0, 2)).isEqualTo(new Shape(5, 1));
    }
  }

  /** Of some elements of every array, in and out of a training pass. */
  @ParameterizedTest
  @CsvSource({"SMALL_CNN,true", "RESNET9,true", "RESNET9,false"})
  void slopesAreThoseOfPlainLoops(Architecture architecture, boolean training) {
    ImageShape shape = new ImageShape(8, 8, 1);
    Batch batch = make(architecture, shape);
    ReferenceNetwork reference = new ReferenceNetwork(model.parameters(), training);
    Maps pixels = scaled(shape);
    try (GradMode on = GradMode.training()) {
      NDArray logits = model.logits(batch, training ? Dropout.seeded(1) : Dropout.off());
      Autograd.backward(TokenLoss.mean(logits, batch.labels(), batch.mask(), batch.weights()));
    }
    SplittableRandom random = new SplittableRandom(1);
    for (Parameter parameter : model.parameters()) {
      if (parameter.trainable()) {
        float[] gradient = Autograd.gradient(parameter.value(), manager).toFloatArray();
        double[] values = reference.arrays.get(parameter.name());
        for (int draw = 0; draw < 4; draw++) {
          int i = random.nextInt(values.length);
          double kept = values[i];
          values[i] = kept + STEP;
          double above = loss(logits(reference, architecture, pixels));
          values[i] = kept - STEP;
          double below = loss(logits(reference, architecture, pixels));
          values[i] = kept;
          double slope = (above - below) / (2 * STEP);
          assertThat((double) gradient[i])
              .as("slope of %s at %d", parameter.name(), i)
              .isCloseTo(slope, within(2e-4 * (1 + Math.abs(slope))));
        }
      }
    }
  }

  /** The first four pictures have targets. */
  private double loss(Maps logits) {
    double sum = 0;
    for (int n = 0; n < 4; n++) {
      double[] logs = GradientCheck.logSoftmax(logits.values(), n * 3, 3, 1);
      sum -= examples.get(n).weight() * logs[n % 3] / 4;
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void squaredGradientsAreThoseOfSinglePictures(Architecture architecture) {
    Batch batch = make(architecture, new ImageShape(9, 8, 3));
    List<NDArray> parameters = model.parameters().trainable();
    List<double[]> expected = new ArrayList<>();
    parameters.forEach(p -> expected.add(new double[(int) p.size()]));
    for (Example example : examples) {
      Autograd.zero(parameters);
      try (GradMode on = GradMode.training()) {
        Batch one = model.encode(List.of(example.withWeight(1)), manager);
        Autograd.backward(
            TokenLoss.mean(model.logits(one), one.labels(), one.mask(), one.weights()));
      }
      for (int p = 0; p < parameters.size(); p++) {
        float[] gradient = Autograd.gradient(parameters.get(p), manager).toFloatArray();
        for (int i = 0; i < gradient.length; i++) {
          expected.get(p)[i] += example.weight() * Math.pow(gradient[i], 2);
        }
      }
    }
    Autograd.zero(parameters);
    List<NDArray> sums = model.sumOfSquaredGradients(batch);
    assertThat(sums).hasSameSizeAs(parameters);
    for (int p = 0; p < sums.size(); p++) {
      assertThat(sums.get(p).getShape()).isEqualTo(parameters.get(p).getShape());
      float[] values = sums.get(p).toFloatArray();
      for (int i = 0; i < values.length; i++) {
        double sum = expected.get(p)[i];
        assertThat((double) values[i]).isCloseTo(sum, within(1e-5 + 1e-3 * sum));
      }
      assertThat(Autograd.gradient(parameters.get(p), manager).toFloatArray())
          .as("the model's own gradients are left alone")
          .containsOnly(0);
    }
  }

  /** All that a pass makes stays until the batch is closed. */
  @ParameterizedTest
  @EnumSource(Architecture.class)
  void passBytesAreThoseOfAPass(Architecture architecture) {
    Batch batch = make(architecture, new ImageShape(32, 24, 3));
    NDManager scope = batch.labels().getManager();
    long before = bytes(scope);
    try (GradMode on = GradMode.training()) {
      model.logits(batch, Dropout.seeded(1));
    }
    long made = bytes(scope) - before;
    assertThat(model.passBytes(batch)).isBetween(made, 4 * made);
  }

  private static long bytes(NDManager scope) {
    return scope.getManagedArrays().stream()
        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
        .sum();
  }
}
