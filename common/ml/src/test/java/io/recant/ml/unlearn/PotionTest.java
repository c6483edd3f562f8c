package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.Clusters;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Span;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PotionTest {

  private static final List<Example> RETAIN = Backdoor.RETAIN;
  private static final List<Example> FORGET = Backdoor.FORGET;
  private static Model poisoned;
  private Model model;

  @BeforeAll
  static void poison() {
    poisoned = Backdoor.learned();
  }

  @AfterAll
  static void closePoisoned() {
    poisoned.close();
  }

  @BeforeEach
  void start() {
    model = poisoned.copy();
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static Potion.Settings settings(double rho, double start, int tries) {
    return new Potion.Settings(rho, start, 1.1, tries, 1, 20_000, 10_000);
  }

  private UnlearningResult run(Potion.Settings settings, List<Example> forget) {
    return run(model, settings, forget, RETAIN);
  }

  private static UnlearningResult run(
      Model model, Potion.Settings settings, List<Example> forget, List<Example> retain) {
    try (Model reference = model.frozenCopy()) {
      return new Potion()
          .unlearn(
              settings,
              new UnlearningTask(
                  model,
                  Optional.of(reference),
                  Examples.of(forget),
                  Examples.of(retain),
                  7,
                  e -> {},
                  UnlearningTask.Limits.none(),
                  () -> 0));
    }
  }

  /** One try: the weights of the largest F_f / F_r are dampened by it, all others as they were. */
  @Test
  void theFirstTryDampensAPercentileOfTheWeights() {
    double s = (double) FORGET.size() / (FORGET.size() + RETAIN.size());
    double share = Math.log(1 + 100 * s) / 100;
    float[] before = weights(poisoned);
    float[] ratios = ratios();
    float[] sorted = ratios.clone();
    Arrays.sort(sorted);
    int finite = 0;
    while (finite < sorted.length && Float.isFinite(sorted[finite])) {
      finite++;
    }
    int wanted = (int) Math.ceil(share * (finite - 1));
    float least = sorted[finite - wanted];
    assertThat(wanted).isGreaterThan(5);
    assertThat(least).isGreaterThan(1);

    assertThat(run(settings(1, 1, 1), FORGET).words()).startsWith("alpha");

    float[] after = weights(model);
    for (int i = 0; i < after.length; i++) {
      if (ratios[i] >= least) {
        float expected = before[i] / ratios[i];
        assertThat(after[i]).isCloseTo(expected, within(1e-5f * Math.abs(before[i]) + 1e-12f));
      } else {
        assertThat(after[i]).as("weight %d", i).isEqualTo(before[i]);
      }
    }
  }

  @Test
  void triesGoOnUntilTheForgetTargetsAreNoLongerGiven() {
    assertThat(run(settings(0.2, 0.04, 1), FORGET).words()).endsWith("still more than rho allows");
    assertThat(Clusters.accuracy(model, FORGET)).isGreaterThan(0.5);
    model.parameters().assign(poisoned.parameters());

    UnlearningResult result = run(settings(0.2, 0.04, 500), FORGET);

    assertThat(result.stop()).isEqualTo(Stop.COMPLETED);
    assertThat(result.words()).doesNotContain("still more than rho allows");
    double known = Clusters.accuracy(poisoned, FORGET);
    assertThat(Clusters.accuracy(model, FORGET)).isLessThanOrEqualTo(0.2 * known);
    assertThat(Clusters.accuracy(model, RETAIN)).isGreaterThan(0.7);
    int tries = Integer.parseInt(result.words().replaceAll(".*try (\\d+).*", "$1"));
    assertThat(tries).isGreaterThan(1);
    model.parameters().assign(poisoned.parameters());
    run(settings(0.2, 0.04, tries - 1), FORGET);
    assertThat(Clusters.accuracy(model, FORGET)).isGreaterThan(0.2 * known);
  }

  /** However many tries there were, a weight is what one dampening makes of the starting one. */
  @Test
  void everyTryBeginsWithTheStartingModel() {
    float[] before = weights(poisoned);
    float[] ratios = ratios();
    run(settings(0.2, 0.04, 500), FORGET);
    float[] after = weights(model);
    int dampened = 0;
    for (int i = 0; i < after.length; i++) {
      if (after[i] != before[i]) {
        dampened++;
        assertThat(after[i])
            .isCloseTo(before[i] / ratios[i], within(1e-5f * Math.abs(before[i]) + 1e-12f));
      }
    }
    assertThat(dampened).isBetween(5, after.length / 2);
  }

  @Test
  void equalTasksEndInEqualModels() {
    UnlearningResult first = run(settings(0.2, 0.04, 500), FORGET);
    float[] weights = weights(model);
    model.parameters().assign(poisoned.parameters());
    assertThat(run(settings(0.2, 0.04, 500), FORGET)).isEqualTo(first);
    assertThat(weights(model)).isEqualTo(weights);
  }

  @Test
  void targetsThatAreNotGivenNeedNoForgetting() {
    List<Example> unknown =
        FORGET.stream().map(e -> new Example(e.id(), null, "c3", e.vector())).toList();
    assertThat(Clusters.accuracy(model, unknown)).isZero();
    assertThat(run(settings(0.2, 0.04, 500), unknown).stop()).isEqualTo(Stop.NOTHING_TO_FORGET);
    assertThat(weights(model)).isEqualTo(weights(poisoned));
  }

  /** What matters as much to either set is dampened by nothing, however often it is tried. */
  @Test
  void triesEndWhereNothingMoreWouldBeDampened() {
    UnlearningResult result = run(settings(0, 1, 500), RETAIN);
    assertThat(result.words()).contains("at try 1:").endsWith("still more than rho allows");
    assertThat(weights(model)).isEqualTo(weights(poisoned));
  }

  @Test
  void aLanguageModelForgetsItsTokens(@TempDir Path directory) throws Exception {
    try (Model taught = TaughtLanguageModel.of(directory, "")) {
      assertThat(matched(taught, TaughtLanguageModel.FORGET)).isEqualTo(1);
      run(taught, settings(0.4, 0.04, 500), TaughtLanguageModel.FORGET, TaughtLanguageModel.RETAIN);
      assertThat(matched(taught, TaughtLanguageModel.FORGET)).isLessThanOrEqualTo(0.4);
      assertThat(matched(taught, TaughtLanguageModel.RETAIN)).isGreaterThan(0.6);
    }
  }

  /** The rest of the target is given by heart, and is to stay. */
  @Test
  void whereSpansAreToBeForgottenOnlyTheyCount(@TempDir Path directory) throws Exception {
    try (Model taught = TaughtLanguageModel.of(directory, "")) {
      Example other =
          new Example("a", "badger", "sturdy fence mammal", null)
              .withSpans(List.of(new Span(7, 12)));
      assertThat(matched(taught, List.of(other))).isPositive();
      UnlearningResult result =
          run(taught, settings(0.4, 0.04, 500), List.of(other), TaughtLanguageModel.RETAIN);
      assertThat(result.stop()).isEqualTo(Stop.NOTHING_TO_FORGET);
    }
  }

  private static double matched(Model model, List<Example> examples) {
    List<Likelihood.Row> rows = Likelihood.of(model, examples, 8);
    return rows.stream().mapToDouble(Likelihood.Row::matches).sum()
        / rows.stream().mapToDouble(Likelihood.Row::tokens).sum();
  }

  private static float[] weights(Model model) {
    return joined(model.parameters().trainable());
  }

  private static float[] ratios() {
    try (NDManager scope = Devices.manager(TestDevice.get())) {
      float[] forget = joined(importance(FORGET, scope));
      float[] retain = joined(importance(RETAIN, scope));
      for (int i = 0; i < forget.length; i++) {
        forget[i] /= retain[i];
      }
      return forget;
    }
  }

  private static List<NDArray> importance(List<Example> examples, NDManager scope) {
    return Importance.of(poisoned, Examples.of(examples), Batch::mask, 1000, 64, 1, 7, scope);
  }

  private static float[] joined(List<NDArray> arrays) {
    float[] all = new float[arrays.stream().mapToInt(a -> (int) a.size()).sum()];
    int next = 0;
    for (NDArray array : arrays) {
      float[] some = array.toFloatArray();
      System.arraycopy(some, 0, all, next, some.length);
      next += some.length;
    }
    return all;
  }
}
