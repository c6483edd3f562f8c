package io.recant.ml.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.StepException;
import io.recant.ml.Clusters;
import io.recant.ml.TestDevice;
import io.recant.ml.WatchedModel;
import io.recant.ml.autograd.DeviceMemory;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.TextClassifierFamily;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A step in parts is the step whole; a step that runs out of memory goes on in parts. */
class GradientAccumulationTest {

  private static final int BATCH = 20;
  private static final OptimizationSettings SETTINGS =
      new OptimizationSettings(2, BATCH, 0.01, 0.01, 0.1, Decay.COSINE, 1, 1000);

  private final List<String> notes = new ArrayList<>();
  private final List<LogEntry> log = new ArrayList<>();

  /** A classifier with dropout, on 60 weighted rows. */
  private WatchedModel trained(int room, OptionalLong memory) {
    Model model =
        new TextClassifierFamily()
            .create(
                new TextClassifierFamily.Settings(62, 0.3),
                TaskSpec.classification(Clusters.CLASSES, Clusters.DIMENSION),
                3,
                TestDevice.get());
    WatchedModel watched = new WatchedModel(model, room, 500);
    List<Example> rows = new ArrayList<>();
    for (Example example : Clusters.examples(60, 1)) {
      rows.add(example.withWeight(rows.size() % 3));
    }
    log.clear();
    notes.clear();
    Training.run(
        watched,
        Examples.of(rows),
        SETTINGS,
        5,
        new Execution(log::add, () -> 0, memory, Optional.empty(), notes::add));
    return watched;
  }

  private static float[] weights(Model model) {
    return model.parameters().get("dense.weight").toFloatArray();
  }

  @Test
  void partsAddUpToTheWhole() {
    try (WatchedModel whole = trained(1000, OptionalLong.empty())) {
      assertThat(whole.passes()).containsExactly(20, 20, 20, 20, 20, 20);
      List<LogEntry> wholeLog = List.copyOf(log);
      // An example is said to take 500 bytes, and a term to run two passes: three fit.
      try (WatchedModel parts = trained(1000, OptionalLong.of(3_999))) {
        assertThat(parts.passes().subList(0, 7)).containsExactly(3, 3, 3, 3, 3, 3, 2);
        assertThat(notes).singleElement().asString().contains("down to 3 examples", "3999 bytes");
        assertThat(weights(parts)).containsExactly(weights(whole), within(2e-5f));
        for (int i = 0; i < log.size(); i++) {
          assertThat(log.get(i).loss()).isCloseTo(wholeLog.get(i).loss(), within(1e-5));
          assertThat(log.get(i).gradientNorm())
              .isCloseTo(wholeLog.get(i).gradientNorm(), within(1e-5));
        }
      }
    }
  }

  @Test
  void whatFitsIsNotCut() {
    try (WatchedModel whole = trained(1000, OptionalLong.of(2 * 500 * BATCH))) {
      assertThat(whole.passes()).containsExactly(20, 20, 20, 20, 20, 20);
      assertThat(notes).isEmpty();
    }
  }

  /** Bit for bit what parts of that size give from the start. */
  @Test
  void runningOutOfMemoryHalvesThePartsAndGoesOn() {
    try (WatchedModel tight = trained(6, OptionalLong.empty())) {
      assertThat(tight.passes().subList(0, 7)).containsExactly(20, 10, 5, 5, 5, 5, 5);
      assertThat(tight.passes().stream().skip(2)).allMatch(n -> n == 5);
      assertThat(notes)
          .containsExactly(
              "out of memory at step 1: steps go through the model in parts of at most 10 examples",
              "out of memory at step 1: steps go through the model in parts of at most 5 examples");
      try (WatchedModel parts = trained(1000, OptionalLong.of(2 * 500 * 5))) {
        assertThat(weights(tight)).containsExactly(weights(parts));
      }
    }
  }

  /** It is tried with its layers computed twice first; then nothing is left to try. */
  @Test
  void oneExampleThatDoesNotFitIsAnError() {
    assertThatThrownBy(() -> trained(0, OptionalLong.empty()))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("step 0", "single example", TestDevice.get().toString());
    assertThat(notes.get(notes.size() - 1))
        .isEqualTo(
            "out of memory at step 1: steps go through the model example by example, their layers"
                + " twice");
  }

  @Test
  void onlyExhaustedMemoryIsTakenForIt() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      assertThatThrownBy(() -> manager.zeros(new Shape(1L << 46)))
          .matches(e -> DeviceMemory.isExhausted((RuntimeException) e));
      assertThatThrownBy(() -> manager.ones(new Shape(2, 3)).matMul(manager.ones(new Shape(2, 3))))
          .matches(e -> !DeviceMemory.isExhausted((RuntimeException) e));
    }
    assertThat(DeviceMemory.total(TestDevice.get())).isPositive();
  }
}
