package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.unlearn.UnlearningTask.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LettingGoTest {

  private final Model model = Backdoor.learned();
  private final double retained = Clusters.accuracy(model, Backdoor.RETAIN);

  @AfterEach
  void close() {
    model.close();
  }

  private UnlearningTask task(List<Example> forget, List<Example> retain) {
    return new UnlearningTask(
        model,
        Optional.empty(),
        Examples.of(forget),
        Examples.of(retain),
        7,
        e -> {},
        Limits.none(),
        () -> 0);
  }

  private List<float[]> weights() {
    return model.parameters().trainable().stream().map(NDArray::toFloatArray).toList();
  }

  @Test
  void damageInFewWeightsIsDampened() {
    Optional<Double> alpha = new LettingGo(task(Backdoor.FORGET, Backdoor.RETAIN), 1000).dampened();

    assertThat(alpha).hasValueSatisfying(a -> assertThat(a).isPositive());
    assertThat(Clusters.accuracy(model, Backdoor.FORGET)).isLessThanOrEqualTo(0.2);
    assertThat(Clusters.accuracy(model, Backdoor.RETAIN)).isGreaterThanOrEqualTo(0.9 * retained);
  }

  /** Each try of the search passes over the forget set: of a large one it reads some. */
  @Test
  void ofALargeForgetSetSomeRowsTellWhatToDampen() {
    List<Example> large = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      large.addAll(Backdoor.FORGET);
    }
    AtomicLong read = new AtomicLong();
    Examples counted =
        Examples.of(large)
            .map(
                (example, place) -> {
                  read.incrementAndGet();
                  return example;
                });

    UnlearningTask task = task(Backdoor.FORGET, Backdoor.RETAIN).withForget(counted);
    assertThat(new LettingGo(task, 1000).dampened()).isPresent();

    assertThat(read.get()).isLessThan(large.size());
    assertThat(Clusters.accuracy(model, Backdoor.FORGET)).isLessThanOrEqualTo(0.2);
  }

  /** What the retain set needs as well cannot be dampened: the model is as it was. */
  @Test
  void whatTheRetainSetCannotSpareIsNot() {
    List<Example> half = Backdoor.RETAIN.subList(0, Backdoor.RETAIN.size() / 2);
    List<Example> other =
        Backdoor.RETAIN.subList(Backdoor.RETAIN.size() / 2, Backdoor.RETAIN.size());
    List<float[]> before = weights();

    assertThat(new LettingGo(task(half, other), 1000).dampened()).isEmpty();

    List<float[]> after = weights();
    for (int i = 0; i < before.size(); i++) {
      assertThat(after.get(i)).isEqualTo(before.get(i));
    }
  }

  @Test
  void noMoreIsLetGoThanTheRetainSetCanSpare() {
    double keep = new LettingGo(task(Backdoor.FORGET, Backdoor.RETAIN), 1000).shrunk(3, "x");

    assertThat(keep).isBetween(0.4, 1.0);
    assertThat(Clusters.accuracy(model, Backdoor.RETAIN)).isGreaterThanOrEqualTo(0.9 * retained);
  }

  @Test
  void correctTellsHowItBegan() {
    UnlearningResult result =
        new Correct()
            .unlearn(
                new Correct.Settings(
                    new OptimizationSettings(1, 32, 0.01, 0, 0, Decay.LINEAR, 1, 1000),
                    Optional.empty(),
                    true,
                    1,
                    0.5),
                task(Backdoor.FORGET, Backdoor.RETAIN));

    assertThat(result.words())
        .matches("all epochs, dampened at alpha [\\d.e+]+, [\\d.]+ of the weights kept");
  }
}
