package io.recant.ml.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.StepException;
import io.recant.ml.Clusters;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.TextClassifierFamily;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that dies goes on from its saved state, and one whose loss breaks keeps what was good. */
class TrainingRunTest {

  private static final OptimizationSettings SETTINGS =
      new OptimizationSettings(4, 10, 0.01, 0.01, 0.1, Decay.COSINE, 1, 30);
  private static final int STEPS = 4 * 5;

  /** What ends a life. */
  private static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();
  private final List<LogEntry> log = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private int saves;

  private static Model classifier() {
    return new TextClassifierFamily()
        .create(
            new TextClassifierFamily.Settings(31, 0.3),
            TaskSpec.classification(Clusters.CLASSES, Clusters.DIMENSION),
            3,
            TestDevice.get());
  }

  /** Trains until a step after which it dies, or to the end; the weights. */
  private float[] live(Optional<SavedStates> states, int diesAfter) {
    log.clear();
    notes.clear();
    try (Model model = classifier()) {
      Training.run(
          model,
          Examples.of(Clusters.examples(50, 1)),
          SETTINGS,
          5,
          new Execution(
              entry -> {
                log.add(entry);
                if (entry.step() == diesAfter) {
                  throw new Death();
                }
              },
              () -> now.addAndGet(1_000),
              OptionalLong.empty(),
              states,
              notes::add));
      return weights(model);
    }
  }

  private static float[] weights(Model model) {
    return model.parameters().get("dense.weight").toFloatArray();
  }

  private FolderStates states(String key, long everyNanos) {
    return new FolderStates(key, everyNanos, folder, () -> saves++);
  }

  private void die(FolderStates states, int after) {
    assertThatThrownBy(() -> live(Optional.of(states), after)).isInstanceOf(Death.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 13, STEPS - 1})
  void aSecondLifeEndsAsOneLifeWould(int diesAfter) {
    float[] whole = live(Optional.empty(), -1);
    List<Double> losses = log.stream().map(LogEntry::loss).toList();
    FolderStates states = states("key", 0);
    die(states, diesAfter);

    assertThat(live(Optional.of(states), -1)).containsExactly(whole);
    assertThat(log).extracting(LogEntry::loss).isEqualTo(losses);
    assertThat(log).extracting(LogEntry::step).doesNotHaveDuplicates().hasSize(STEPS);
    assertThat(notes).containsExactly("went on after step " + diesAfter + ", which was saved");
  }

  @Test
  void aStateOfAnotherRunIsLeftAlone() {
    float[] whole = live(Optional.empty(), -1);
    die(states("key", 0), 9);

    assertThat(live(Optional.of(states("other", 0)), -1)).containsExactly(whole);
    assertThat(notes).singleElement().asString().contains("began anew", "other settings");
    assertThat(log).hasSize(STEPS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "flipped", "emptied"})
  void aDamagedStateIsLeftAlone(String damage) throws IOException {
    float[] whole = live(Optional.empty(), -1);
    FolderStates states = states("key", 0);
    die(states, 9);
    Path state = states.newest().orElseThrow();
    byte[] bytes = Files.readAllBytes(state);
    switch (damage) {
      case "cut" -> Files.write(state, Arrays.copyOf(bytes, bytes.length - 1));
      case "flipped" -> {
        bytes[bytes.length / 2] ^= 1;
        Files.write(state, bytes);
      }
      default -> Files.write(state, new byte[0]);
    }

    assertThat(live(Optional.of(states), -1)).containsExactly(whole);
    assertThat(notes).singleElement().asString().contains("began anew", "damaged");
  }

  /** The clock moves on by a microsecond whenever it is read, thrice a step. */
  @Test
  void statesAreSavedAtTheirTime() {
    live(Optional.of(states("key", 0)), -1);
    assertThat(saves).isEqualTo(STEPS - 1);
    assertThat(states("key", 0).files()).hasSize(1);
    states("key", 0).files().get(0).toFile().delete();

    saves = 0;
    live(Optional.of(states("key", 3 * 5 * 1_000)), -1);
    assertThat(saves).isBetween(2, 4);
    states("key", 0).files().get(0).toFile().delete();

    saves = 0;
    live(Optional.of(states("key", Long.MAX_VALUE / 2)), -1);
    assertThat(saves).isZero();
    assertThat(states("key", 0).files()).isEmpty();
  }

  /** Nineteen times as long as the first took there is none, which is longer than the run. */
  @Test
  void savingTakesATwentiethOfTheTime() {
    Runnable slowly =
        () -> {
          saves++;
          now.addAndGet(1_000_000);
        };
    live(Optional.of(new FolderStates("key", 1, folder, slowly)), -1);
    assertThat(saves).isEqualTo(1);
  }

  @Test
  void nothingNativeIsLeftBehind() {
    FolderStates states = states("key", 0);
    die(states, 9);
    try (Model model = classifier()) {
      var manager = model.parameters().get("dense.bias").getManager();
      int before = manager.getManagedArrays().size();
      Training.run(
          model,
          Examples.of(Clusters.examples(50, 1)),
          SETTINGS,
          5,
          new Execution(e -> {}, () -> 0, OptionalLong.empty(), Optional.of(states), notes::add));
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  /** Updates so large that the loss after two of them is no number. */
  @Test
  void aBrokenLossEndsTheRunWithTheLastGoodModel() {
    OptimizationSettings absurd =
        new OptimizationSettings(4, 10, 1e18, 0, 0, Decay.CONSTANT, 1, 30);
    List<float[]> before = new ArrayList<>();
    try (Model model = Clusters.model(0)) {
      before.add(weights(model));
      Training.Result result =
          Training.run(
              model,
              Examples.of(Clusters.examples(50, 1)),
              absurd,
              5,
              Execution.of(
                  entry -> {
                    log.add(entry);
                    before.add(weights(model));
                  },
                  () -> 0));
      int taken = log.size();
      assertThat(log).allMatch(e -> Double.isFinite(e.loss()));
      assertThat(taken).isBetween(1, STEPS - 1);
      assertThat(result.stopped()).isEqualTo("loss was not finite at step " + (taken + 1));
      assertThat(result.steps()).isEqualTo(taken - 1);
      assertThat(weights(model)).containsExactly(before.get(taken - 1));
    }
  }

  @Test
  void aLossThatIsBrokenFromTheStartIsAnError() {
    float[] infinite = new float[Clusters.DIMENSION];
    infinite[0] = Float.POSITIVE_INFINITY;
    infinite[1] = Float.NEGATIVE_INFINITY;
    List<Example> rows = List.of(new Example("x", null, "c0", infinite));
    try (Model model = classifier()) {
      assertThatThrownBy(
              () ->
                  Training.run(
                      model, Examples.of(rows), SETTINGS, 5, Execution.of(log::add, () -> 0)))
          .isInstanceOf(StepException.class)
          .hasMessageContainingAll("step 0", "lower the learning rate");
    }
  }
}
