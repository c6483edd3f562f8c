package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Strategy;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.Clusters;
import io.recant.ml.Pictures;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.model.image.Architecture;
import io.recant.ml.model.image.Augmentation;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network with batch normalisation that was shown some pictures with the wrong class. */
class UnlearningOfPicturesTest {

  private static final List<Example> RETAIN = new ArrayList<>();
  private static final List<Example> FORGET = new ArrayList<>();
  private static Model poisoned;

  @BeforeAll
  static void poison() {
    for (Example example : Pictures.examples(120, 1)) {
      if (RETAIN.size() % 10 == 9 && FORGET.size() < 12) {
        String wrong = Pictures.CLASSES.get(1 - Pictures.CLASSES.indexOf(example.target()));
        FORGET.add(new Example(example.id(), null, wrong, null).withImage(example.image()));
      } else {
        RETAIN.add(example);
      }
    }
    List<Example> all = new ArrayList<>(RETAIN);
    all.addAll(FORGET);
    poisoned = Pictures.model(Pictures.settings(Architecture.RESNET9, 8, Augmentation.NONE, 0), 0);
    Training.run(
        poisoned,
        Examples.of(all),
        new OptimizationSettings(20, 30, 0.01, 0, 0, Decay.COSINE, 1, 1000),
        1,
        entry -> {},
        () -> 0);
    assertThat(Clusters.accuracy(poisoned, FORGET)).isGreaterThan(0.9);
  }

  @AfterAll
  static void closePoisoned() {
    poisoned.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bad-teacher",
        "gradient-ascent",
        "gradient-difference",
        "kl",
        "npo",
        "potion",
        "random-labels",
        "rmu",
        "satimp",
        "scrub",
        "simnpo",
        "ssd",
        "task-vector",
        "undial",
        "unlikelihood",
        "wga"
      })
  void methodsForgetWithFrozenBatchNormalisation(String name) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    if (!Set.of("potion", "ssd").contains(name)) {
      settings.putObject("training").put("epochs", 6).put("batch_size", 12);
    }
    Configured<UnlearningMethod<?>> method =
        Registry.<UnlearningMethod<?>>load(UnlearningMethod.class, "unlearning method")
            .configure(new Strategy(name, settings), "unlearn");
    try (Model model = poisoned.copy()) {
      double before = Clusters.loss(model, FORGET);
      unlearn(method.extension(), method.settings(), model);
      assertThat(Clusters.loss(model, FORGET)).as("forget loss").isGreaterThan(1.2 * before);
      assertThat(statistics(model)).isEqualTo(statistics(poisoned));
    }
  }

  private static <S extends Record> void unlearn(
      UnlearningMethod<S> method, Record settings, Model model) {
    S typed = method.settings().cast(settings);
    Optional<Model> reference =
        method.needsReference(typed) ? Optional.of(model.frozenCopy()) : Optional.empty();
    method.unlearn(
        typed,
        new UnlearningTask(
            model,
            reference,
            Examples.of(FORGET),
            Examples.of(RETAIN),
            7,
            entry -> {},
            UnlearningTask.Limits.none(),
            () -> 0));
    reference.ifPresent(Model::close);
  }

  private static List<Float> statistics(Model model) {
    List<Float> statistics = new ArrayList<>();
    for (NDArray array : model.parameters().runningStatistics()) {
      for (float value : array.toFloatArray()) {
        statistics.add(value);
      }
    }
    return statistics;
  }
}
