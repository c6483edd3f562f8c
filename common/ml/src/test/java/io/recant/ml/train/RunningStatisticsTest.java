package io.recant.ml.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.recant.core.error.StepException;
import io.recant.ml.Pictures;
import io.recant.ml.WatchedModel;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.image.Architecture;
import io.recant.ml.model.image.Augmentation;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.TrainingRun.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What passes change in a model goes where its weights go: forward, back, and into saved states.
 */
class RunningStatisticsTest {

  private static final OptimizationSettings SETTINGS =
      new OptimizationSettings(2, 10, 0.01, 0.01, 0.1, Decay.COSINE, 1, 30);
  private static final String STATISTIC = "layer1.bn.running_mean";

  /** What ends a life. */
  private static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final Model model = classifier();

  @TempDir Path folder;

  @AfterEach
  void close() {
    model.close();
  }

  private static Model classifier() {
    return Pictures.model(
        Pictures.settings(Architecture.RESNET9, 2, Augmentation.CROP_AND_FLIP, 0.2), 6);
  }

  private static Map<String, List<Float>> values(Model model) {
    Map<String, List<Float>> values = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      List<Float> list = new ArrayList<>();
      for (float value : parameter.value().toFloatArray()) {
        list.add(value);
      }
      values.put(parameter.name(), list);
    }
    return values;
  }

  private static void train(
      Model model, Optional<SavedStates> states, OptionalLong memory, int diesAfter) {
    Training.run(
        model,
        Examples.of(Pictures.examples(37, 1)),
        SETTINGS,
        5,
        new Execution(
            entry -> {
              if (entry.step() == diesAfter) {
                throw new Death();
              }
            },
            () -> 0,
            memory,
            states,
            note -> {}));
  }

  private static Map<String, List<Float>> trained(Optional<SavedStates> states, int diesAfter) {
    try (Model learner = classifier()) {
      train(learner, states, OptionalLong.empty(), diesAfter);
      return values(learner);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 6})
  void aSecondLifeEndsAsOneLifeWould(int diesAfter) {
    Map<String, List<Float>> whole = trained(Optional.empty(), -1);
    Optional<SavedStates> states = Optional.of(new FolderStates("key", 0, folder, () -> {}));
    assertThatThrownBy(() -> trained(states, diesAfter)).isInstanceOf(Death.class);
    assertThat(states.get().newest()).isPresent();
    assertThat(trained(states, -1)).isEqualTo(whole);
  }

  /** Bit for bit what parts of that size give from the start: no row is counted twice. */
  @Test
  void aStepThatBeginsAgainBeginsFromTheSameStatistics() {
    try (WatchedModel tight = new WatchedModel(classifier(), 6, 500);
        WatchedModel parts = new WatchedModel(classifier(), 1000, 500)) {
      train(tight, Optional.empty(), OptionalLong.empty(), -1);
      assertThat(tight.passes().subList(0, 3)).containsExactly(10, 5, 5);
      train(parts, Optional.empty(), OptionalLong.of(2 * 500 * 5), -1);
      assertThat(values(tight)).isEqualTo(values(parts));
    }
  }

  private TrainingRun run() {
    return new TrainingRun(
        model, SETTINGS, 10, Dropout.seeded(1), Execution.of(entry -> {}, () -> 0));
  }

  private List<Term> terms(double factor) {
    Minibatch minibatch;
    try (Minibatches batches = Minibatches.inOrder(Examples.of(Pictures.examples(10, 2)), 10)) {
      minibatch = batches.next();
    }
    return List.of(
        new Term(
            Term.Role.TRAIN,
            factor,
            minibatch,
            Term.Mean.TOKENS,
            (part, batch, dropout) -> {
              NDArray loss =
                  TokenLoss.mean(
                      model.logits(batch, dropout), batch.labels(), batch.mask(), batch.weights());
              return new Term.Value(loss, loss);
            }));
  }

  @Test
  void aStepThatIsNotTakenLeavesThemAsTheyWere() {
    try (TrainingRun run = run()) {
      run.step(0, terms(1));
      Map<String, List<Float>> before = values(model);
      assertThat(run.step(0, terms(1), entry -> false)).isEqualTo(Outcome.NOT_PERMITTED);
      assertThat(values(model)).isEqualTo(before);
      run.step(0, terms(1));
      assertThat(values(model).get(STATISTIC)).isNotEqualTo(before.get(STATISTIC));
    }
  }

  /** The update before the broken loss is taken back, and the passes that led to it. */
  @Test
  void theLastGoodModelHasTheStatisticsItHad() {
    try (TrainingRun run = run()) {
      run.step(0, terms(1));
      Map<String, List<Float>> good = values(model);
      run.step(0, terms(1));
      assertThat(values(model).get(STATISTIC)).isNotEqualTo(good.get(STATISTIC));
      assertThat(run.step(0, terms(Double.NaN))).isEqualTo(Outcome.NOT_FINITE);
      assertThat(run.steps()).isEqualTo(1);
      assertThat(values(model)).isEqualTo(good);
    }
  }

  @Test
  void aFirstStepThatBreaksLeavesThemAsTheyWere() {
    Map<String, List<Float>> before = values(model);
    try (TrainingRun run = run()) {
      assertThatThrownBy(() -> run.step(0, terms(Double.NaN))).isInstanceOf(StepException.class);
    }
    assertThat(values(model)).isEqualTo(before);
  }
}
